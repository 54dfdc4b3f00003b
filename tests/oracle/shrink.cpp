#include "shrink.hpp"

#include <algorithm>
#include <utility>

namespace provender::oracle {
namespace {

class Shrinker {
 public:
  Shrinker(RandomCase failing, const std::function<bool(const RandomCase&)>& fails)
      : best_(std::move(failing)), fails_(fails) {}

  RandomCase shrink() {
    do {
      progress_ = false;
      drop_items();
      drop_views();
      drop_in_runs(best_.spine.size(), drop_spine_rows);
      for (std::size_t view = 0; view < best_.tables.size(); ++view) {
        drop_in_runs(best_.tables[view].rows.size(),
                     [view](RandomCase& c, std::size_t from, std::size_t count) {
                       drop_table_rows(c, view, from, count);
                     });
        drop_features(view);
        drop_options(view);
      }
      drop_repeats();
      attempt([](RandomCase& c) { return !std::exchange(c.with_status, true); });
      attempt([](RandomCase& c) { return std::exchange(c.threads, 1) != 1; });
      attempt([](RandomCase& c) { return std::exchange(c.strictly_before, false); });
      attempt([](RandomCase& c) { return std::exchange(c.known_by_created, false); });
    } while (progress_);
    return std::move(best_);
  }

 private:
  /// Keeps what `change` makes of the case, if it changes it and the case still fails.
  template <class Change>
  bool attempt(const Change& change) {
    RandomCase smaller = best_;
    if (!change(smaller) || !fails_(smaller)) return false;
    best_ = std::move(smaller);
    progress_ = true;
    return true;
  }

  /// Leaves out runs of `size` things, from long ones to single ones.
  template <class Drop>
  void drop_in_runs(std::size_t size, const Drop& drop) {
    for (std::size_t run = size; run > 0; run /= 2) {
      for (std::size_t from = 0; from < size;) {
        const std::size_t count = std::min(run, size - from);
        const bool dropped = attempt([&](RandomCase& c) {
          drop(c, from, count);
          return true;
        });
        if (dropped) {
          size -= count;
        } else {
          from += count;
        }
      }
    }
  }

  static void drop_spine_rows(RandomCase& c, std::size_t from, std::size_t count) {
    const auto begin = c.spine.begin() + static_cast<std::ptrdiff_t>(from);
    c.spine.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
  }

  static void drop_table_rows(RandomCase& c,
                              std::size_t view,
                              std::size_t from,
                              std::size_t count) {
    auto& rows = c.tables[view].rows;
    const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(from);
    rows.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
    std::size_t file_begin = 0;
    for (std::size_t& file : c.files[view]) {
      const std::size_t file_end = file_begin + file;
      const std::size_t low = std::max(from, file_begin);
      const std::size_t high = std::min(from + count, file_end);
      if (low < high) file -= high - low;
      file_begin = file_end;
    }
  }

  void drop_repeats() {
    for (std::size_t view = 0; view < best_.tables.size(); ++view) {
      for (std::size_t row = 0; row < best_.tables[view].rows.size(); ++row) {
        attempt([view, row](RandomCase& c) {
          return std::exchange(c.tables[view].rows[row].times, 1) != 1;
        });
      }
    }
  }

  void drop_items() {
    for (std::size_t i = best_.definitions.feature_services.front().items.size(); i-- > 0;) {
      attempt([i](RandomCase& c) {
        auto& items = c.definitions.feature_services.front().items;
        if (items.size() < 2) return false;
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
        select_again(c);
        return true;
      });
    }
  }

  /// Those that are no longer asked for.
  void drop_views() {
    for (std::size_t v = best_.tables.size(); v-- > 0;) {
      attempt([v](RandomCase& c) {
        const auto at = static_cast<std::ptrdiff_t>(v);
        const auto& items = c.definitions.feature_services.front().items;
        const std::string& name = c.definitions.feature_views[v].name;
        if (std::ranges::find(items, name, &ServiceItem::view) != items.end()) return false;
        c.definitions.feature_views.erase(c.definitions.feature_views.begin() + at);
        c.tables.erase(c.tables.begin() + at);
        c.files.erase(c.files.begin() + at);
        c.stored_keys.erase(c.stored_keys.begin() + at);
        return true;
      });
    }
  }

  void drop_features(std::size_t view) {
    for (std::size_t f = best_.definitions.feature_views[view].features.size(); f-- > 0;) {
      attempt([view, f](RandomCase& c) {
        auto& features = c.definitions.feature_views[view].features;
        if (features.size() < 2) return false;
        const auto at = static_cast<std::ptrdiff_t>(f);
        features.erase(features.begin() + at);
        for (SourceRow& row : c.tables[view].rows) {
          row.features.erase(row.features.begin() + at);
        }
        select_again(c);
        return true;
      });
    }
  }

  void drop_options(std::size_t view) {
    attempt([view](RandomCase& c) {
      c.tables[view].ttl.reset();
      return std::exchange(c.definitions.feature_views[view].ttl, std::nullopt).has_value();
    });
    attempt([view](RandomCase& c) {
      c.definitions.feature_views[view].source.created_timestamp.reset();
      for (SourceRow& row : c.tables[view].rows) {
        row.created_timestamp.reset();
      }
      return std::exchange(c.tables[view].declares_created, false);
    });
    attempt([view](RandomCase& c) {
      const bool has_empty = std::erase(c.files[view], std::size_t{0}) > 0;
      return has_empty && !c.files[view].empty();
    });
    attempt([view](RandomCase& c) {
      const bool was_many = c.files[view].size() > 1;
      c.files[view] = {c.tables[view].rows.size()};
      return was_many;
    });
  }

  RandomCase best_;
  const std::function<bool(const RandomCase&)>& fails_;
  bool progress_ = false;
};

}  // namespace

RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails) {
  return Shrinker(std::move(failing), fails).shrink();
}

}  // namespace provender::oracle

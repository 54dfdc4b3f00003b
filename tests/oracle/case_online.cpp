#include "case_online.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <stdexcept>

#include "case_files.hpp"
#include "scenario.hpp"
#include <fmt/format.h>

#include "materialize/materializer.hpp"
#include "offline/duckdb/duckdb_store.hpp"
#include "online/lmdb/lmdb_store.hpp"
#include "registry/sqlite/sqlite_registry.hpp"
#include "serving/reader.hpp"

namespace provender::oracle {
namespace {

/// Questions to the offline store cost a query each.
constexpr std::size_t kAskedOffline = 2;

template <class T>
T expect(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().message()));
  return *std::move(result);
}

/// What was asked of a store, and what it answered.
struct Given {
  Status status = Status::NotFound;
  Value value;
  std::optional<Timestamp> event_timestamp;
  friend bool operator==(const Given&, const Given&) = default;
};

std::string text_of(const Given& given, Type type) {
  return fmt::format(
      "{} {}{}",
      to_string(given.status),
      scenario::write_cell(given.value, type),
      given.event_timestamp ? " of " + format_timestamp(*given.event_timestamp) : "");
}

Given given_by(const Answer& answer, std::size_t feature) {
  return {.status = answer.status(feature),
          .value = answer.value(feature),
          .event_timestamp = answer.row == nullptr ? std::nullopt : answer.row->event_timestamp};
}

/// The case with the first rows of each table.
RandomCase first_rows(const RandomCase& c, std::size_t parts, std::size_t of_parts) {
  RandomCase out = c;
  for (std::size_t view = 0; view < out.tables.size(); ++view) {
    auto& rows = out.tables[view].rows;
    rows.resize(rows.size() * parts / of_parts);
    std::size_t left = rows.size();
    for (std::size_t& file : out.files[view]) {
      file = std::min(file, left);
      left -= file;
    }
  }
  return out;
}

/// Without the rows after `end`: what a materialization has seen.
RandomCase until(RandomCase c, Timestamp end) {
  for (Table& table : c.tables) {
    std::erase_if(table.rows, [&](const SourceRow& row) { return row.event_timestamp > end; });
  }
  return c;
}

std::vector<std::vector<Value>> keys_asked(const RandomCase& c) {
  std::vector<std::vector<Value>> out;
  for (const SpineRow& row : asked_rows(c)) {
    const bool is_new = std::ranges::find(out, row.keys) == out.end();
    if (is_new && std::ranges::none_of(row.keys, &Value::is_null)) out.push_back(row.keys);
  }
  return out;
}

/// A project with all that serving needs, and a clock that stands.
class OnlineProject {
 public:
  explicit OnlineProject(const RandomCase& c) : offline_(options(c)) {
    registry_ = expect(registry::open_sqlite_registry(
        {.path = project_.path("registry.db"), .clock = clock_, .create = true}));
    Definitions definitions = c.definitions;
    definitions.project = "oracle";
    const auto applied = expect(registry_->apply(
        {.definitions = definitions, .base_version = 0, .applied_by = "test", .summary = ""}));
    online_ = expect(online::open_lmdb_store({.path = project_.path("online"),
                                              .project = "oracle",
                                              .registry_id = applied->registry_id}));
    reader_ = serving::make_reader(*registry_, *online_, clock_);
  }

  void write(const RandomCase& c) { write_case(c, project_); }
  void set_clock(Timestamp now) { clock_.set(now); }

  std::optional<Difference> materialize(bool full) {
    NullLogger silence;
    const materialize::Stores stores{.registry = *registry_,
                                     .offline = offline_,
                                     .online = *online_,
                                     .clock = clock_,
                                     .logger = silence};
    for (const provender::Run& run :
         expect(materialize::materialize(stores, {.views = {}, .end = {}, .full = full}, {}))) {
      if (!run.error.empty()) return Difference{.is_error = true, .text = run.error};
    }
    expect(reader_->refresh());
    return std::nullopt;
  }

  /// By key, then by feature of the selection.
  std::vector<std::vector<Given>> read(const RandomCase& c,
                                       const std::vector<std::vector<Value>>& keys) {
    const auto prepared =
        expect(reader_->prepare({.features = {}, .service = kService, .full_names = true}));
    std::vector<ValueView> parts;
    for (const auto& key : keys) {
      for (std::size_t k = 0; k < key.size(); ++k) {
        parts.push_back(to_view(key[k], *c.selection.keys[k].type));
      }
    }
    std::vector<std::vector<Given>> out(keys.size());
    reader_->read(prepared, parts, [&](auto answered) {
      const OnlineFeatures& features = expect(std::move(answered));
      for (std::size_t row = 0; row < keys.size(); ++row) {
        for (std::size_t f = 0; f < c.selection.features.size(); ++f) {
          const Cell cell = features.cell(row, f);
          out[row].push_back({.status = cell.status,
                              .value = to_value(cell.value),
                              .event_timestamp = cell.event_timestamp});
        }
      }
    });
    return out;
  }

  std::vector<Given> read_offline(const RandomCase& c, const std::vector<Value>& key) {
    std::vector<Given> out;
    for (ValueAsOf& value :
         expect(offline_.as_of(c.definitions, c.selection, key, clock_.now(), {}))) {
      out.push_back({.status = value.status,
                     .value = std::move(value.value),
                     .event_timestamp = value.event_timestamp});
    }
    return out;
  }

  Timestamp now() const { return clock_.now(); }

 private:
  offline::OfflineOptions options(const RandomCase& c) const {
    auto out = project_.options();
    out.threads = c.threads;
    return out;
  }

  offline::TestProject project_;
  ManualClock clock_{Timestamp{}};
  offline::DuckdbStore offline_;
  std::unique_ptr<registry::Registry> registry_;
  std::unique_ptr<online::OnlineStore> online_;
  std::unique_ptr<OnlineReader> reader_;
};

/// What the oracle says of each feature of the selection.
std::vector<Given> told_by_oracle(const RandomCase& c, const SpineRow& row) {
  std::vector<Given> out;
  for (const SelectedFeature& feature : c.selection.features) {
    const SelectedView& view = c.selection.views[feature.view];
    Question asked = question(c, row, view);
    asked.strictly_before = asked.known_by_created = false;  // the present has no variants
    out.push_back(given_by(ask(c.tables[view_place(c, view)], asked), feature_place(c, feature)));
  }
  return out;
}

std::optional<Difference> difference_of(const RandomCase& c,
                                        std::string_view store,
                                        const std::vector<Given>& is,
                                        const std::vector<Given>& expected,
                                        Timestamp now) {
  for (std::size_t f = 0; f < expected.size(); ++f) {
    if (f < is.size() && is[f] == expected[f]) continue;
    const SelectedFeature& feature = c.selection.features[f];
    const auto& view = c.definitions.feature_views[view_place(c, c.selection.views[feature.view])];
    const Type type = view.features[feature_place(c, feature)].type;
    return Difference{.is_error = false,
                      .text = fmt::format("{} at {}, {}: is {}, expected {}",
                                          store,
                                          format_timestamp(now),
                                          feature.name,
                                          f < is.size() ? text_of(is[f], type) : "nothing",
                                          text_of(expected[f], type))};
  }
  return std::nullopt;
}

std::optional<Difference> compare_now(const RandomCase& seen,
                                      OnlineProject& project,
                                      const std::vector<std::vector<Value>>& keys,
                                      std::size_t asked_offline) {
  const auto online = project.read(seen, keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto expected = told_by_oracle(seen, {.keys = keys[i], .t = project.now(), .label = {}});
    if (auto found = difference_of(seen, "online", online[i], expected, project.now())) {
      return found;
    }
    if (i >= asked_offline) continue;
    const auto offline = project.read_offline(seen, keys[i]);
    if (auto found = difference_of(seen, "offline", offline, expected, project.now())) return found;
  }
  return std::nullopt;
}

/// A time of some row of the case.
Timestamp time_of_a_row(const RandomCase& c, std::mt19937_64& random) {
  const Table& table = c.tables[random() % c.tables.size()];
  if (table.rows.empty()) return Timestamp(Duration(1'700'000'000'000'000));
  const SourceRow& row = table.rows[random() % table.rows.size()];
  return row.event_timestamp.value_or(Timestamp(Duration(1'700'000'000'000'000)));
}

/// Later times, at the edges of ttls.
std::vector<Timestamp> later_times(const RandomCase& c, Timestamp end, std::mt19937_64& random) {
  std::vector<Timestamp> out;
  for (const Table& table : c.tables) {
    if (!table.ttl) continue;
    for (const int edge : {-1, 0, 1}) {
      out.push_back(std::max(end, time_of_a_row(c, random) + *table.ttl + Duration(edge)));
    }
  }
  return out;
}

}  // namespace

std::optional<Difference> run_online(const RandomCase& c) {
  std::mt19937_64 random(c.seed);
  constexpr std::size_t kSteps = 3;
  std::array<Timestamp, kSteps> ends;
  std::ranges::generate(ends, [&] { return time_of_a_row(c, random); });
  std::ranges::sort(ends);
  const std::size_t full_step = random() % (2 * kSteps);
  const auto keys = keys_asked(c);
  OnlineProject project(c);
  for (std::size_t step = 0; step < kSteps; ++step) {
    const RandomCase rows = first_rows(c, step + 1, kSteps);
    project.write(rows);
    project.set_clock(ends[step]);
    if (auto failed = project.materialize(step == full_step)) return failed;
    const RandomCase seen = until(rows, ends[step]);
    if (auto found = compare_now(seen, project, keys, kAskedOffline)) return found;
    for (const Timestamp later : later_times(seen, ends[step], random)) {
      project.set_clock(later);
      if (auto found = compare_now(seen, project, keys, 0)) return found;
    }
  }
  return std::nullopt;
}

}  // namespace provender::oracle

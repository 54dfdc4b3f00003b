#include "online/memory/memory_store.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "codec/row_codec.hpp"
#include "online/store_key.hpp"

namespace provender::online {
namespace {

constexpr std::size_t kSweepStep = 1'000;

/// Rows are shared with the reads that look at them, so that no lock is held while a caller works.
using Row = std::shared_ptr<const std::string>;

class MemoryStore final : public OnlineStore {
 public:
  void read(std::span<const Lookup> lookups, ReadDone done) override {
    std::vector<Row> found;
    std::vector<std::string_view> views;
    std::string store_key;
    const std::size_t rows = row_count(lookups);
    found.reserve(rows);
    views.reserve(rows);
    {
      const std::shared_lock lock(mutex_);
      for (const Lookup& lookup : lookups) {
        for (const std::uint32_t store_id : lookup.store_ids) {
          assign_store_key(
              store_key,
              {.entity_set = lookup.entity_set, .key = lookup.key, .store_id = store_id});
          const auto row = rows_.find(store_key);
          found.push_back(row == rows_.end() ? nullptr : row->second);
          views.push_back(found.back() ? std::string_view(*found.back()) : std::string_view());
        }
      }
    }
    done(std::span<const std::string_view>(views));
  }

  Result<WriteResult> write(std::span<const WriteRow> rows) override {
    PROVENDER_TRY(check_rows(rows));
    WriteResult result;
    std::string store_key;
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const WriteRow& row = rows[i];
      assign_store_key(store_key,
                       {.entity_set = row.entity_set, .key = row.key, .store_id = row.store_id});
      Row& stored = rows_[store_key];
      if (stored && !codec::replaces(row.row, *stored)) {
        result.kept.push_back(i);
        continue;
      }
      bytes_ += row.row.size();
      bytes_ += stored ? 0 : store_key.size();
      bytes_ -= stored ? stored->size() : 0;
      stored = std::make_shared<const std::string>(row.row);
      ++result.written;
    }
    return result;
  }

  Result<> flush() override { return {}; }

  Result<std::uint64_t> sweep(std::span<const std::uint32_t> store_ids,
                              std::stop_token stop) override {
    std::uint64_t removed = 0;
    std::string from;
    for (bool more = true; more;) {
      if (stop.stop_requested()) return Error(ErrorCode::Cancelled, "the sweep was stopped");
      const std::scoped_lock lock(mutex_);
      auto row = rows_.lower_bound(from);
      for (std::size_t step = 0; step < kSweepStep && row != rows_.end(); ++step) {
        if (std::ranges::find(store_ids, store_id_of(row->first)) == store_ids.end()) {
          ++row;
          continue;
        }
        bytes_ -= row->first.size() + row->second->size();
        row = rows_.erase(row);
        ++removed;
      }
      more = row != rows_.end();
      if (more) from = row->first;
    }
    return removed;
  }

  Result<StoreStats> stats() override {
    const std::shared_lock lock(mutex_);
    return StoreStats{.rows = rows_.size(), .bytes = bytes_};
  }

  bool prefers_ordered_writes() const override { return false; }

 private:
  std::shared_mutex mutex_;
  std::map<std::string, Row, std::less<>> rows_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<OnlineStore> open_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace provender::online

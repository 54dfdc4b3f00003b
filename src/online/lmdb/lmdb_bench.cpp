#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <unistd.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "online/lmdb/lmdb_store.hpp"

// What materialize and serving can get out of the store at best. Each benchmark checks what it read
// or wrote.

namespace provender::online {
namespace {

constexpr std::int64_t kEntities = 1'000'000;
constexpr std::int64_t kReadEntities = 200'000;
constexpr std::size_t kBatch = 10'000;
constexpr std::size_t kPayload = 126;  // a row of 150 bytes, as ten features take
constexpr std::uint32_t kStoreIds[] = {11, 12, 13, 14, 15};

/// A store in a folder of its own that goes with it.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("provender-lmdb-bench-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    auto opened = open_lmdb_store({.path = path_, .project = "bench", .registry_id = "1"});
    if (opened) store_ = *std::move(opened);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;
  ~Folder() {
    store_.reset();
    std::filesystem::remove_all(path_);
  }

  OnlineStore& store() { return *store_; }

 private:
  std::filesystem::path path_;
  std::unique_ptr<OnlineStore> store_;
};

std::string key_of(std::int64_t entity) {
  std::string key;
  codec::append_key_part(key, ValueView(entity));
  return key;
}

/// Writes a row of each entity and view, sorted, and returns how many the store took.
std::uint64_t fill(OnlineStore& store,
                   std::int64_t entities,
                   std::size_t views,
                   std::int64_t time) {
  std::string row;
  codec::append_order(row, {.event_timestamp = time, .created_timestamp = 0, .sequence = 0});
  row.append(kPayload, static_cast<char>('a' + time));
  std::string keys;
  std::vector<WriteRow> rows;
  std::uint64_t written = 0;
  for (std::int64_t begin = 0; begin < entities;) {
    keys.clear();
    rows.clear();
    keys.reserve(kBatch * 8);
    for (; begin < entities && rows.size() + views <= kBatch; ++begin) {
      const std::size_t at = keys.size();
      codec::append_key_part(keys, ValueView(begin));
      for (std::size_t view = 0; view < views; ++view) {
        rows.push_back({.entity_set = 1,
                        .key = std::string_view(keys).substr(at),
                        .store_id = kStoreIds[view],
                        .row = row});
      }
    }
    const auto result = store.write(rows);
    if (!result) return 0;
    written += result->written;
  }
  return written;
}

void report(benchmark::State& state, OnlineStore& store, std::uint64_t written) {
  if (written != kEntities) state.SkipWithError("not all rows were written");
  const auto stats = store.stats();
  if (!stats || stats->rows != kEntities) return state.SkipWithError("not all rows are stored");
  state.counters["MB"] = static_cast<double>(stats->bytes) / 1e6;
}

void first_fill(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    Folder folder;
    state.ResumeTiming();
    const std::uint64_t written = fill(folder.store(), kEntities, 1, 1);
    state.PauseTiming();
    report(state, folder.store(), written);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kEntities);
}
BENCHMARK(first_fill)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);

void first_fill_and_flush(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {
    Folder folder;
    const std::uint64_t written = fill(folder.store(), kEntities, 1, 1);
    if (!folder.store().flush()) state.SkipWithError("not flushed");
    report(state, folder.store(), written);
  }
  state.SetItemsProcessed(state.iterations() * kEntities);
}
BENCHMARK(first_fill_and_flush)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(2);

void fill_over_a_full_store(benchmark::State& state) {
  Folder folder;
  std::int64_t time = 1;
  fill(folder.store(), kEntities, 1, time);
  std::uint64_t written = 0;
  for ([[maybe_unused]] auto _ : state) {
    written = fill(folder.store(), kEntities, 1, ++time);
  }
  report(state, folder.store(), written);
  state.SetItemsProcessed(state.iterations() * kEntities);
}
BENCHMARK(fill_over_a_full_store)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

void read_a_batch(benchmark::State& state) {
  Folder folder;
  fill(folder.store(), kReadEntities, std::size(kStoreIds), 1);
  const auto keys_asked = static_cast<std::size_t>(state.range(0));
  const auto views = static_cast<std::size_t>(state.range(1));
  std::mt19937_64 random(1);
  std::vector<std::string> keys(100'000);
  for (std::string& key : keys) {
    key = key_of(static_cast<std::int64_t>(random() % kReadEntities));
  }
  std::size_t next = 0;
  std::vector<Lookup> lookups(keys_asked);
  std::size_t found = 0;
  for ([[maybe_unused]] auto _ : state) {
    for (Lookup& lookup : lookups) {
      lookup = {.entity_set = 1, .key = keys[next], .store_ids = std::span(kStoreIds).first(views)};
      next = (next + 1) % keys.size();
    }
    folder.store().read(lookups, [&](Result<std::span<const std::string_view>> rows) {
      for (const std::string_view row : *rows) {
        found += row.size() == kPayload + codec::kOrderSize ? 1U : 0U;
      }
    });
  }
  const auto rows = state.iterations() * state.range(0) * state.range(1);
  if (static_cast<benchmark::IterationCount>(found) != rows) {
    state.SkipWithError("not all rows were found");
  }
  state.SetItemsProcessed(rows);
}
BENCHMARK(read_a_batch)
    ->Args({1, 1})
    ->Args({1, 5})
    ->Args({100, 1})
    ->Args({100, 5})
    ->Args({10'000, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace provender::online

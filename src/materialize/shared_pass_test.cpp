#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "materialize/held_lease.hpp"
#include "materialize/test_stores.hpp"
#include "materialize/write_pass.hpp"
#include "online/lmdb/lmdb_store.hpp"
#include "online/testing/forwarding_store.hpp"
#include "serving/reader.hpp"

/// Views of one entity are written in one ordered pass where the store gains by it.
namespace provender::materialize {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Hands everything to another store, and writes down what was written.
class WatchedStore final : public online::ForwardingStore<online::OnlineStore> {
 public:
  using ForwardingStore::ForwardingStore;

  void read(std::span<const online::Lookup> lookups, online::ReadDone done) override {
    store_->read(lookups, std::move(done));
  }
  Result<online::WriteResult> write(std::span<const online::WriteRow> rows) override {
    if (before_write) before_write();
    batches.push_back(rows.size());
    for (const online::WriteRow& row : rows) {
      written.push_back({.key = std::string(row.key), .store_id = row.store_id});
    }
    return store_->write(rows);
  }

  struct Written {
    std::string key;
    std::uint32_t store_id;
    friend auto operator<=>(const Written&, const Written&) = default;
  };
  std::vector<Written> written;
  std::vector<std::size_t> batches;
  std::function<void()> before_write;
};

class SharedPassTest : public testing::Test, protected TestStores {
 protected:
  SharedPassTest() {
    const std::string id = registry->snapshot().value()->registry_id;
    auto store = std::make_unique<WatchedStore>(
        online::open_lmdb_store(
            {.path = folder.path / "online", .project = "test", .registry_id = id})
            .value());
    watched_ = store.get();
    online = std::move(store);
  }

  std::uint32_t store_id(const std::string& view) const {
    return registry->snapshot().value()->storage.at(view).target().store_id;
  }

  std::vector<std::unique_ptr<ViewCursor>> cursors_of(const std::vector<std::string>& views) {
    const auto snapshot = registry->snapshot().value();
    std::vector<std::unique_ptr<ViewCursor>> out;
    for (const std::string& name : views) {
      const FeatureView& view = *snapshot->definitions.feature_view(name);
      const registry::Generation& target = snapshot->storage.at(name).target();
      out.push_back(
          ViewCursor::open(
              {.definitions = snapshot->definitions,
               .view = view,
               .generation = target,
               .schema = snapshot->schemas.at(target.schema_id),
               .reader = offline.latest(snapshot->definitions, view, clock.now(), {}).value()})
              .value());
    }
    return out;
  }

  std::string read(const std::string& view, std::int64_t user) {
    auto reader = serving::make_reader(*registry, *online, clock);
    const auto prepared = reader->prepare({.features = {view + ":score"}, .service = ""}).value();
    const ValueView key(user);
    std::string text;
    reader->read(prepared, {&key, 1}, [&](auto features) {
      text = to_text(features.value().get().cell(0, 0).value);
    });
    return text;
  }

  std::vector<LatestRow> rows_of(std::int64_t first, std::int64_t step, std::int64_t count) const {
    std::vector<LatestRow> out;
    for (std::int64_t i = 0; i < count; ++i) {
      out.push_back({.user = first + i * step, .time = t_, .score = first + i * step});
    }
    return out;
  }

  WatchedStore* watched_ = nullptr;
  const Timestamp t_ = clock.now() - std::chrono::hours(1);
};

TEST_F(SharedPassTest, MergesTheViewsInOrderOfKeyAndStore) {
  ASSERT_TRUE(online->prefers_ordered_writes());
  apply({"a", "b"});
  offline.rows["a"] = {{-1, t_, 1}, {2, t_, 2}, {5, t_, 5}};
  offline.rows["b"] = {{2, t_, 22}, {3, t_, 33}};
  const auto runs = materialize(stores(), {}, {}).value();
  EXPECT_THAT(watched_->batches, ElementsAre(5)) << "one pass of one batch";
  EXPECT_TRUE(std::ranges::is_sorted(watched_->written));
  std::vector<std::uint32_t> ids;
  for (const auto& row : watched_->written) {
    ids.push_back(row.store_id);
  }
  const auto a = store_id("a");
  const auto b = store_id("b");
  EXPECT_THAT(ids, ElementsAre(a, std::min(a, b), std::max(a, b), b, a));
  EXPECT_EQ(runs[0].rows_written, 3U);
  EXPECT_EQ(runs[1].rows_written, 2U);
  EXPECT_EQ(read("a", 2), "2");
  EXPECT_EQ(read("b", 2), "22");
  EXPECT_EQ(read("b", 5), "null");
}

TEST_F(SharedPassTest, TellsWhatItIsAtAndHowFar) {
  struct Told final : Progress {
    void update(std::string_view phase, std::uint64_t done, std::uint64_t total) override {
      lines.push_back(fmt::format("{}: {} of {}", phase, done, total));
    }
    std::vector<std::string> lines;
  };
  apply({"a", "b"});
  offline.rows["a"] = {{1, t_, 10}, {2, t_, 20}};
  Told told;
  const Control control{.stop = {}, .progress = &told};
  materialize(stores(), {.views = {"a"}}, control).value();
  EXPECT_EQ(told.lines.front(), "materialize a: 0 of 0");
  EXPECT_EQ(told.lines.back(), "materialize a: 2 of 0");
  told.lines.clear();
  materialize(stores(), {}, control).value();
  EXPECT_EQ(told.lines.front(), "materialize 2 views: 0 of 0");
}

TEST_F(SharedPassTest, StaysInOrderFromBatchToBatch) {
  apply({"a", "b", "c"});
  offline.rows["a"] = rows_of(0, 2, 9'000);
  offline.rows["b"] = rows_of(1, 2, 9'000);
  offline.rows["c"] = rows_of(5'000, 1, 9'000);
  const auto runs = materialize(stores(), {}, {}).value();
  for (const provender::Run& run : runs) {
    EXPECT_EQ(run.rows_written, 9'000U) << run.view << run.error;
  }
  EXPECT_THAT(watched_->batches, ElementsAre(10'000, 10'000, 7'000));
  EXPECT_TRUE(std::ranges::is_sorted(watched_->written));
  EXPECT_EQ(read("c", 13'999), "13999");
}

TEST_F(SharedPassTest, CountsTheRowsThatAreKeptForTheirView) {
  apply({"a", "b"});
  offline.rows["a"] = {{1, t_, 10}, {2, t_, 20}};
  offline.rows["b"] = {{1, t_, 11}, {2, t_, 21}};
  ASSERT_TRUE(materialize(stores(), {}, {}));
  offline.rows["b"] = {{1, t_ - std::chrono::hours(1), 9}, {2, t_, 22}};
  const auto runs = materialize(stores(), {}, {}).value();
  EXPECT_EQ(runs[0].rows_written, 2U);
  EXPECT_EQ(runs[0].rows_kept, 0U);
  EXPECT_EQ(runs[1].rows_written, 1U);
  EXPECT_EQ(runs[1].rows_kept, 1U);
  EXPECT_EQ(read("b", 1), "11");
  EXPECT_EQ(read("b", 2), "22");
}

TEST_F(SharedPassTest, TheOthersGoOnWhenOneSourceFailsMidway) {
  apply({"a", "b"});
  offline.rows["a"] = rows_of(0, 1, 6'000);
  offline.rows["b"] = rows_of(0, 1, 12'000);
  offline.fail_after_batches["a"] = 1'500;  // its first 3,000 rows
  const auto runs = materialize(stores(), {}, {}).value();
  EXPECT_THAT(runs[0].error, HasSubstr("the disk is gone"));
  EXPECT_EQ(runs[1].error, "");
  EXPECT_EQ(runs[1].rows_written, 12'000U);
  EXPECT_EQ(read("b", 11'999), "11999");
  const auto recorded = registry->runs().runs("a", 1).value().at(0);
  EXPECT_THAT(recorded.error, HasSubstr("the disk is gone"));
  offline.fail_after_batches.clear();
  const auto again = materialize(stores(), {}, {}).value();
  for (const provender::Run& run : again) {
    EXPECT_EQ(run.error, "");
  }
  EXPECT_EQ(read("a", 5'999), "5999");
}

TEST_F(SharedPassTest, AViewWhoseLeaseWasTakenOverIsNotRecorded) {
  apply({"a", "b"});
  offline.rows["a"] = {{1, t_, 10}};
  offline.rows["b"] = {{1, t_, 11}};
  watched_->before_write = [&] {
    const auto held = registry->runs().current(lease_of_view("a")).value();
    ASSERT_TRUE(held);
    ASSERT_TRUE(registry->runs().release(*held));
    ASSERT_TRUE(registry->runs().acquire(
        lease_of_view("a"), "elsewhere:1:1", clock.now(), std::chrono::hours(1)));
  };
  const auto runs = materialize(stores(), {}, {}).value();
  EXPECT_THAT(runs[0].error, HasSubstr("recording the run"));
  EXPECT_EQ(runs[1].error, "");
  EXPECT_FALSE(registry->runs().runs("a", 1).value().at(0).finished);
}

TEST_F(SharedPassTest, ALostLeaseEndsThePassBehindTheBatchUnderWay) {
  apply({"a", "b"});
  offline.rows["a"] = rows_of(0, 1, 40'000);
  offline.rows["b"] = {{1, t_, 1}};
  const auto cursors = cursors_of({"a", "b"});
  std::stop_source lost;
  watched_->before_write = [&] { lost.request_stop(); };
  const std::stop_token is_lost = lost.get_token();
  const auto pass =
      write_pass(cursors, *online, {.control = {}, .lost = is_lost, .phase = "materialize"});
  ASSERT_FALSE(pass);
  EXPECT_EQ(pass.error().code(), ErrorCode::Conflict);
  EXPECT_THAT(watched_->batches, ElementsAre(10'000));
}

}  // namespace
}  // namespace provender::materialize

#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "codec/value_columns.hpp"
#include "online/memory/memory_store.hpp"
#include "serving/reader.hpp"
#include "serving/testing_registry.hpp"

namespace provender::serving {
namespace {

using registry::Snapshot;

constexpr Type kWatched{.kind = Kind::Int64};
const RowSchema& schema() {
  static const RowSchema out{.id = 101, .fields = {{.id = 1, .type = kWatched}}};
  return out;
}

/// A registry that changes while it is asked: each revision keeps the rows in a store of its own.
class ChangingRegistry final : public TestingRegistry {
 public:
  ChangingRegistry() { change(); }

  void change() {
    auto next = std::make_shared<Snapshot>();
    const std::scoped_lock lock(mutex_);
    next->version = next->revision = revision_ + 1;
    next->definitions.entities = {{.name = "user_id", .keys = {{"user_id", kWatched}}}};
    FeatureView view{.name = "activity", .entities = {"user_id"}};
    view.features.push_back({.name = "watched", .type = kWatched});
    next->definitions.feature_views.push_back(std::move(view));
    next->storage["activity"].serving = {.store_id = static_cast<std::uint32_t>(next->revision),
                                         .entity_set = 1,
                                         .schema_id = schema().id,
                                         .fields = {{"watched", 1}}};
    next->schemas.emplace(schema().id, schema());
    current_ = std::move(next);
    ++revision_;
  }
  std::uint64_t revision() const { return revision_; }

  Result<std::shared_ptr<const Snapshot>> snapshot() override {
    const std::scoped_lock lock(mutex_);
    return current_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> current_;
  std::atomic<std::uint64_t> revision_ = 0;
};

/// Stores the row of user 1 as revision `revision` has it: its value is the revision.
void put(online::OnlineStore& store, std::uint64_t revision) {
  const ValueView user(std::int64_t{1});
  const std::string key = codec::encode_key({&user, 1}).value();
  const codec::ValueColumn column(kWatched, {Value{static_cast<std::int64_t>(revision)}});
  const ColumnView view = column.view();
  std::string row;
  ASSERT_TRUE(codec::RowEncoder(schema()).encode(
      key,
      {.event_timestamp = 0, .created_timestamp = INT64_MIN, .sequence = 0},
      {&view, 1},
      0,
      row));
  const online::WriteRow write{
      .entity_set = 1, .key = key, .store_id = static_cast<std::uint32_t>(revision), .row = row};
  ASSERT_TRUE(store.write({&write, 1}));
}

/// Nobody who refreshed is given a state from before that, whoever else refreshes meanwhile.
TEST(ReaderRace, ARefreshIsNeverUndone) {
  constexpr std::uint64_t kRevisions = 200;
  ChangingRegistry registry;
  const auto store = online::open_memory_store();
  for (std::uint64_t revision = 1; revision <= kRevisions; ++revision) {
    put(*store, revision);
  }
  const ManualClock clock(Timestamp(std::chrono::hours(1)));
  const auto reader = make_reader(registry, *store, clock);
  const auto ask = [&] {
    while (registry.revision() < kRevisions) {
      const std::uint64_t before = registry.revision();
      ASSERT_TRUE(reader->refresh());
      const auto prepared = reader->prepare({.features = {"watched"}, .service = ""});
      ASSERT_TRUE(prepared) << prepared.error().message();
      ASSERT_GE((*prepared)->revision(), before);
      const ValueView user(std::int64_t{1});
      reader->read(*prepared, {&user, 1}, [&](auto features) {
        ASSERT_TRUE(features);
        const Cell cell = features->get().cell(0, 0);
        ASSERT_EQ(cell.status, Status::Present);
        EXPECT_EQ(static_cast<std::uint64_t>(cell.value.template get<std::int64_t>()),
                  (*prepared)->revision());
      });
    }
  };
  const std::jthread one(ask);
  const std::jthread other(ask);
  while (registry.revision() < kRevisions) {
    registry.change();
    std::this_thread::yield();
  }
}

/// The cache of prepared reads is emptied when it is full, while others look into it.
TEST(ReaderRace, ThreadsPrepareMoreThanIsKept) {
  ChangingRegistry registry;
  const auto store = online::open_memory_store();
  const ManualClock clock(Timestamp(std::chrono::hours(1)));
  const auto reader = make_reader(registry, *store, clock);
  const auto prepare_all = [&](std::size_t from) {
    for (std::size_t i = 0; i < 1500; ++i) {
      FeatureRequest request{.features = {"watched"}, .service = ""};
      request.full_names = (from + i) % 2 == 0;
      request.features.front() = (from + i) % 3 == 0 ? "watched" : "activity:watched";
      ASSERT_TRUE(reader->prepare(request));
    }
  };
  const std::jthread one(prepare_all, 0);
  const std::jthread other(prepare_all, 1);
  prepare_all(2);
}

}  // namespace
}  // namespace provender::serving

#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "codec/value_columns.hpp"
#include "online/memory/memory_store.hpp"
#include "serving/reader.hpp"
#include "serving/testing_registry.hpp"

/// For tests: a reader of made-up views, over a registry that does what a test says.
namespace provender::serving {

using registry::Snapshot;

inline constexpr Type kString{.kind = Kind::String};
inline constexpr Type kInt64{.kind = Kind::Int64};
inline constexpr Timestamp kNow{std::chrono::hours(24)};

/// A registry that is what the test says.
class FakeRegistry final : public TestingRegistry {
 public:
  Result<std::shared_ptr<const Snapshot>> snapshot() override {
    ++looks;
    const std::scoped_lock stopped(stop);
    if (away) return Error(ErrorCode::Unavailable, "the registry is away");
    return current;
  }
  Result<Definitions> definitions_at(std::uint64_t version) override {
    ++looks;
    const std::scoped_lock stopped(stop);
    if (version == 1) return first;
    return Error(ErrorCode::NotFound, "no such version");
  }

  std::shared_ptr<const Snapshot> current;
  Definitions first;
  bool away = false;
  std::atomic<int> looks = 0;
  std::mutex stop;  ///< whoever holds it keeps the registry from answering
};

inline FeatureView view(const std::string& name,
                        std::vector<std::string> entities,
                        std::vector<Feature> features) {
  FeatureView result;
  result.name = name;
  result.entities = std::move(entities);
  result.features = std::move(features);
  return result;
}

/// Two views of users, one with a ttl, and one of users and genres.
inline Snapshot sample() {
  Snapshot snapshot;
  snapshot.version = 2;
  snapshot.revision = 7;
  Definitions& definitions = snapshot.definitions;
  definitions.entities = {
      {.name = "genre", .keys = {{.name = "genre", .type = kString}}, .about = {}, .where = {}},
      {.name = "user_id", .keys = {{.name = "user_id", .type = kInt64}}, .about = {}, .where = {}}};
  definitions.feature_views = {
      view(
          "activity", {"user_id"}, {{.name = "watched", .type = kInt64, .about = {}, .where = {}}}),
      view("affinity",
           {"user_id", "genre"},
           {{.name = "score", .type = kInt64, .about = {}, .where = {}}}),
      view("profile",
           {"user_id"},
           {{.name = "country", .type = kString, .about = {}, .where = {}},
            {.name = "plan", .type = kString, .about = {}, .where = {}}})};
  definitions.feature_views[0].ttl = std::chrono::hours(1);
  definitions.feature_services = {
      {.name = "all",
       .items =
           {{.view = "activity", .alias = "", .keys = {}, .features = {"watched"}, .where = {}},
            {.view = "activity",
             .alias = "friend",
             .keys = {{"user_id", "friend_id"}},
             .features = {"watched"},
             .where = {}}},
       .about = {},
       .where = {}}};
  snapshot.storage = {
      {"activity",
       {.serving = {.store_id = 11, .entity_set = 1, .schema_id = 101, .fields = {{"watched", 1}}},
        .building = {}}},
      {"affinity",
       {.serving = {.store_id = 12, .entity_set = 2, .schema_id = 102, .fields = {{"score", 1}}},
        .building = {}}},
      {"profile",
       {.serving = {.store_id = 13,
                    .entity_set = 1,
                    .schema_id = 103,
                    .fields = {{"country", 1}, {"plan", 2}}},
        .building = {}}}};
  snapshot.schemas = {
      {101, {.id = 101, .fields = {{.id = 1, .type = kInt64}}}},
      {102, {.id = 102, .fields = {{.id = 1, .type = kInt64}}}},
      {103, {.id = 103, .fields = {{.id = 1, .type = kString}, {.id = 2, .type = kString}}}},
      {104, {.id = 104, .fields = {{.id = 1, .type = kString}}}}};
  return snapshot;
}

struct Read {
  std::vector<Status> statuses;
  std::vector<std::string> values;
  std::vector<std::optional<Timestamp>> times;
};

class ReaderTest : public testing::Test {
 protected:
  ReaderTest() {
    registry_.current = std::make_shared<const Snapshot>(sample());
    reader_ = make_reader(registry_, *store_, clock_);
  }

  void put(std::uint32_t entity_set,
           std::uint32_t store_id,
           const RowSchema& schema,
           const std::vector<Value>& key,
           Timestamp time,
           const std::vector<Value>& values) {
    std::vector<ValueView> parts;
    for (const Value& part : key) {
      parts.push_back(
          to_view(part, std::holds_alternative<std::int64_t>(part.storage) ? kInt64 : kString));
    }
    const std::string key_bytes = codec::encode_key(parts).value();
    std::deque<codec::ValueColumn> columns;
    std::vector<ColumnView> views;
    for (std::size_t i = 0; i < values.size(); ++i) {
      columns.emplace_back(schema.fields[i].type, std::vector<Value>{values[i]});
      views.push_back(columns.back().view());
    }
    std::string row;
    const RowOrder order{.event_timestamp = time.time_since_epoch().count(),
                         .created_timestamp = INT64_MIN,
                         .sequence = 0};
    ASSERT_TRUE(codec::RowEncoder(schema).encode(key_bytes, order, views, 0, row));
    if (newer_format_) row[24] = 2;
    if (flip_a_bit_) row.back() = static_cast<char>(row.back() ^ 1);
    const online::WriteRow write{
        .entity_set = entity_set, .key = key_bytes, .store_id = store_id, .row = row};
    ASSERT_TRUE(store_->write({&write, 1}));
  }
  void put_activity(std::int64_t user, Timestamp time, std::int64_t watched) {
    put(1, 11, sample().schemas.at(101), {Value{user}}, time, {Value{watched}});
  }

  Read read(const FeatureRequest& request, const std::vector<ValueView>& keys) {
    Read result;
    auto prepared = reader_->prepare(request);
    if (!prepared) {
      ADD_FAILURE() << prepared.error().message();
      return result;
    }
    reader_->read(
        *prepared, keys, [&](Result<std::reference_wrapper<const OnlineFeatures>> features) {
          ASSERT_TRUE(features) << features.error().message();
          for (std::size_t row = 0; row < features->get().rows(); ++row) {
            for (std::size_t i = 0; i < (*prepared)->features().size(); ++i) {
              const Cell cell = features->get().cell(row, i);
              result.statuses.push_back(cell.status);
              result.values.push_back(to_text(cell.value));
              result.times.push_back(cell.event_timestamp);
            }
          }
        });
    return result;
  }
  std::string prepare_error(const FeatureRequest& request) {
    auto prepared = reader_->prepare(request);
    return prepared ? "no error" : std::string(prepared.error().message());
  }

  FakeRegistry registry_;
  std::unique_ptr<online::OnlineStore> store_ = online::open_memory_store();
  ManualClock clock_{kNow};
  std::unique_ptr<OnlineReader> reader_;
  bool flip_a_bit_ = false;
  bool newer_format_ = false;
};

}  // namespace provender::serving

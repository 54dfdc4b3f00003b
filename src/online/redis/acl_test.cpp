// A user of an access control list who has the rights that we ask for, and no others.

#include "online/redis/acl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/value_columns.hpp"
#include "online/redis/slots.hpp"
#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

using ::testing::HasSubstr;

constexpr Type kNumber{.kind = Kind::Int64};

/// The words of ACL SETUSER, and of the option --user.
std::vector<std::string> user(const std::string& keys) {
  std::vector<std::string> words = {"ada", "on", ">lovelace", "~" + keys};
  std::string_view rights = kNeededCommands;
  while (!rights.empty()) {
    const std::size_t end = std::min(rights.find(' '), rights.size());
    words.emplace_back(rights.substr(0, end));
    rights.remove_prefix(std::min(end + 1, rights.size()));
  }
  return words;
}

std::vector<std::string> server_options(const std::string& keys) {
  std::vector<std::string> options = user(keys);
  options.insert(options.begin(), "--user");
  return options;
}

RedisSettings settings_as_user(const std::string& scheme, const std::string& servers) {
  RedisSettings settings = settings_of(scheme + "ada:lovelace@" + servers);
  settings.timeout = std::chrono::seconds(20);
  settings.write_timeout = std::chrono::seconds(20);
  return settings;
}

/// Entity set 1 is user, with one int64 key; 7 and 8 are views of one feature.
std::shared_ptr<const RowNames> two_views() {
  auto names = std::make_shared<RowNames>();
  const RowSchema schema{.id = 1, .fields = {{.id = 1, .type = kNumber}}};
  names->entity_sets[1] = {.entity = "user", .keys = {kNumber}};
  names->views[7] = {.name = "seven", .features = {{1, "seven"}}};
  names->views[8] = {.name = "eight", .features = {{1, "eight"}}};
  names->schemas.emplace(1, RowNames::Schema{.schema = schema, .layout = codec::RowLayout(schema)});
  return names;
}

std::string whole_row(const std::string& key, std::int64_t value) {
  const std::vector<std::pair<Type, Value>> cells = {{kNumber, {value}}};
  const RowSchema schema{.id = 1, .fields = {{.id = 1, .type = kNumber}}};
  std::string row;
  EXPECT_TRUE(codec::RowEncoder(schema).encode(key, {}, codec::ValueRow(cells).columns(), 0, row));
  return row;
}

/// Does all that a store can do.
void use_all_of(OnlineStore& store, int keys) {
  std::vector<std::string> encoded;
  std::vector<std::string> bytes;
  for (int i = 0; i < keys; ++i) {
    encoded.push_back(key_of(i));
    bytes.push_back(whole_row(encoded.back(), i));
  }
  std::vector<WriteRow> rows;
  std::vector<Lookup> lookups;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    for (const std::uint32_t id : kStoreIds) {
      rows.push_back({.entity_set = 1, .key = encoded[i], .store_id = id, .row = bytes[i]});
    }
    lookups.push_back({.entity_set = 1, .key = encoded[i], .store_ids = kStoreIds});
  }
  const auto written = store.write(rows);
  ASSERT_TRUE(written) << written.error().message();
  store.read(lookups, [&](const Result<std::span<const std::string_view>>& found) {
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->front(), bytes.front());
    EXPECT_EQ(found->back(), bytes.back());
  });
  store.check([](const Result<>& fine) { EXPECT_TRUE(fine) << fine.error().message(); });
  const auto stats = store.stats();
  ASSERT_TRUE(stats) << stats.error().message();
  EXPECT_EQ(stats->rows, rows.size());
  const auto removed = store.sweep(std::span(kStoreIds).first(1), {});
  ASSERT_TRUE(removed) << removed.error().message();
  EXPECT_EQ(*removed, encoded.size());
}

std::unique_ptr<OnlineStore> open_as(RedisSettings settings, RedisLayout layout) {
  settings.layout = layout;
  auto store = open_redis_store(
      {.settings = std::move(settings), .project = "test", .registry_id = "1", .names = two_views});
  EXPECT_TRUE(store);
  return *std::move(store);
}

TEST(RedisAcl, TheRightsThatAreAskedForAreEnoughForOneServer) {
  const auto server = RedisServer::start(server_options("*"));
  ASSERT_TRUE(server) << server.error().message();
  const std::string address = "127.0.0.1:" + std::to_string((*server)->port());
  use_all_of(*open_as(settings_as_user("redis://", address), RedisLayout::Packed), 20);
  use_all_of(*open_as(settings_as_user("redis://", address + "/3"), RedisLayout::Json), 20);
}

TEST(RedisAcl, TheKeysOfTheProjectAreEnough) {
  const auto server = RedisServer::start(server_options("test:*"));
  ASSERT_TRUE(server) << server.error().message();
  const std::string address = "127.0.0.1:" + std::to_string((*server)->port());
  use_all_of(*open_as(settings_as_user("redis://", address), RedisLayout::Packed), 20);
}

TEST(RedisAcl, TheRightsThatAreAskedForAreEnoughForAClusterWhoseSlotsMove) {
  const auto started = RedisCluster::start(0, server_options("*"));
  ASSERT_TRUE(started) << started.error().message();
  RedisCluster& cluster = **started;
  const std::string address = cluster.url().substr(std::string_view("redis+cluster://").size());
  for (const RedisLayout layout : {RedisLayout::Packed, RedisLayout::Json}) {
    const auto store = open_as(settings_as_user("redis+cluster://", address), layout);
    use_all_of(*store, 200);
    // A slot that is on its way: what is not there yet is asked for with ASKING.
    const std::string key = layout == RedisLayout::Json ? "user:5" : "test:1:" + key_of(5);
    const std::uint16_t slot = slot_of(key);
    std::size_t from = 0;
    while (cluster.server(from).cli({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot)}) == "0") {
      ++from;
    }
    const std::size_t to = (from + 1) % 3;
    const std::string number = std::to_string(slot);
    const auto id = [&](std::size_t i) { return cluster.server(i).cli({"CLUSTER", "MYID"}); };
    EXPECT_EQ(cluster.server(to).cli({"CLUSTER", "SETSLOT", number, "IMPORTING", id(from)}), "OK");
    EXPECT_EQ(cluster.server(from).cli({"CLUSTER", "SETSLOT", number, "MIGRATING", id(to)}), "OK");
    EXPECT_EQ(cluster.server(from).cli({"FLUSHALL"}), "OK");
    const std::string row = whole_row(key_of(5), 5);
    const std::string encoded = key_of(5);
    const WriteRow one{.entity_set = 1, .key = encoded, .store_id = 7, .row = row};
    const auto written = store->write(std::span(&one, 1));
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(cluster.server(to).cli({"CLUSTER", "COUNTKEYSINSLOT", number}), "1");
    for (std::size_t i = 0; i < 3; ++i) {
      cluster.server(i).cli({"CLUSTER", "SETSLOT", number, "NODE", id(to)});
      cluster.server(i).cli({"FLUSHALL"});
    }
  }
}

TEST(RedisAcl, ARightThatIsMissingIsNamedWithThoseNeeded) {
  const auto server =
      RedisServer::start({"--user", "ada", "on", ">lovelace", "~*", "+ping", "+hmget"});
  ASSERT_TRUE(server);
  const std::string address = "127.0.0.1:" + std::to_string((*server)->port());
  const auto store = open_as(settings_as_user("redis://", address), RedisLayout::Packed);
  EXPECT_TRUE(read_some(*store, 0, 1));
  const auto written = write_all(*store, 1, 1);
  ASSERT_FALSE(written);
  EXPECT_THAT(std::string(written.error().message()), HasSubstr(std::string(kNeededCommands)));
}

}  // namespace
}  // namespace provender::online::redis::testing

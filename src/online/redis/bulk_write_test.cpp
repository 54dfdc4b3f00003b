// Writes of many rows, as materialize makes them: what is new goes in without the script, and the
// rule of the newer row holds for all others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "online/redis/testing/probe.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online::redis::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Rows of store id 7 with what they refer to.
class Rows {
 public:
  void add(int key, std::uint64_t sequence) {
    bytes_.emplace_back(key_of(key), row_of(key_of(key), 7, sequence));
  }
  std::vector<WriteRow> all() const {
    std::vector<WriteRow> rows;
    for (const auto& [key, row] : bytes_) {
      rows.push_back({.entity_set = 1, .key = key, .store_id = 7, .row = row});
    }
    return rows;
  }

 private:
  std::vector<std::pair<std::string, std::string>> bytes_;
};

std::vector<std::size_t> kept(const Result<WriteResult>& written) {
  EXPECT_TRUE(written) << written.error().message();
  return written ? written->kept : std::vector<std::size_t>();
}

void expect_stored(OnlineStore& store, int key, std::uint64_t sequence) {
  static constexpr std::uint32_t kSeven = 7;
  const std::string encoded = key_of(key);
  const Lookup lookup{.entity_set = 1, .key = encoded, .store_ids = std::span(&kSeven, 1)};
  store.read(std::span(&lookup, 1), [&](const Result<std::span<const std::string_view>>& rows) {
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->front(), row_of(encoded, 7, sequence)) << "of key " << key;
  });
}

class RedisBulkWrites : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = RedisServer::start();
    ASSERT_TRUE(started) << started.error().message();
    server_ = *std::move(started);
    store_ = open_store(patient(server_->url()));
  }
  static RedisSettings patient(const std::string& url) {
    RedisSettings settings = settings_of(url);
    settings.write_timeout = std::chrono::seconds(60);
    return settings;
  }
  std::string commands() const { return server_->cli({"INFO", "commandstats"}); }

  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<OnlineStore> store_;
};

TEST_F(RedisBulkWrites, StoreNewRowsWithoutTheScriptAndTheNextOnesWithIt) {
  EXPECT_TRUE(kept(write_all(*store_, 2'000, 1)).empty());
  EXPECT_THAT(commands(), HasSubstr("cmdstat_hsetnx:calls=4003,")) << "3 are the header's";
  EXPECT_THAT(commands(), Not(HasSubstr("cmdstat_evalsha")));
  server_->cli({"CONFIG", "RESETSTAT"});
  EXPECT_TRUE(kept(write_all(*store_, 2'000, 2)).empty());
  EXPECT_THAT(commands(), HasSubstr("cmdstat_hsetnx:calls=128,")) << "a first look only";
  EXPECT_EQ(read_some(*store_, 0, 2'000).value_or(0), 4'000U);
  expect_stored(*store_, 0, 2);
  expect_stored(*store_, 1'999, 2);
}

TEST_F(RedisBulkWrites, KeepWhatIsNewerAmongNewRows) {
  Rows before;
  for (int key = 0; key < 5'000; key += 7) {
    before.add(key, key % 2 == 0 ? 20 : 5);
  }
  ASSERT_TRUE(store_->write(before.all()));
  Rows now;
  std::vector<std::size_t> newer;
  for (int key = 0; key < 5'000; ++key) {
    now.add(key, 10);
    if (key % 14 == 0) newer.push_back(static_cast<std::size_t>(key));
  }
  EXPECT_EQ(kept(store_->write(now.all())), newer);
  for (int key = 0; key < 5'000; ++key) {
    expect_stored(*store_, key, key % 14 == 0 ? 20 : 10);
  }
}

TEST_F(RedisBulkWrites, KeepTheNewerOfTwoRowsOfOneWrite) {
  Rows rows;
  for (int key = 0; key < 600; ++key) {
    rows.add(key, 3);
    rows.add(key, 2);
    rows.add(key, 4);
  }
  const auto back = kept(store_->write(rows.all()));
  ASSERT_EQ(back.size(), 600U);
  for (std::size_t i = 0; i < back.size(); ++i) {
    EXPECT_EQ(back[i], 3 * i + 1);
  }
  for (int key = 0; key < 600; ++key) {
    expect_stored(*store_, key, 4);
  }
}

TEST_F(RedisBulkWrites, AreWholeThroughANetworkThatCuts) {
  auto proxy = Proxy::start(server_->port());
  ASSERT_TRUE(proxy);
  const auto store = open_store(patient("redis://127.0.0.1:" + std::to_string((*proxy)->port())));
  (*proxy)->split(500);
  (*proxy)->cut_after(1'501);
  EXPECT_TRUE(kept(write_all(*store, 2'500, 5)).empty());
  EXPECT_GT((*proxy)->connections(), 5);
  server_->cli({"SCRIPT", "FLUSH"});
  EXPECT_TRUE(kept(write_all(*store, 2'500, 6)).empty());
  (*proxy)->cut_after(0);
  EXPECT_EQ(read_some(*store, 0, 2'500).value_or(0), 5'000U);
}

}  // namespace
}  // namespace provender::online::redis::testing

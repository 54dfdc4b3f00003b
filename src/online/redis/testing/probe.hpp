#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "online/redis/redis_store.hpp"
#include "online/redis/testing/proxy.hpp"

namespace provender::online::redis::testing {

inline constexpr std::uint32_t kStoreIds[] = {7, 8};

/// With more patience than the defaults: a sanitized program on a busy machine is slow.
inline RedisSettings settings_of(const std::string& url) {
  RedisSettings settings;
  settings.timeout = std::chrono::seconds(2);
  auto parsed = parse_redis_url(url);
  EXPECT_TRUE(parsed) << url;
  if (parsed) settings.url = *parsed;
  return settings;
}

inline std::unique_ptr<OnlineStore> open_store(RedisSettings settings, std::string registry = "1") {
  auto store = open_redis_store(
      {.settings = std::move(settings), .project = "test", .registry_id = std::move(registry)});
  EXPECT_TRUE(store) << store.error().message();
  return store ? *std::move(store) : nullptr;
}

inline std::string key_of(int number) {
  std::string key;
  codec::append_key_part(key, ValueView(std::int64_t{number}));
  return key;
}

/// A row that says whose it is, so that one that went astray is seen.
inline std::string row_of(const std::string& key, std::uint32_t store_id, std::uint64_t sequence) {
  std::string row;
  codec::append_order(row, {.event_timestamp = 0, .created_timestamp = 0, .sequence = sequence});
  return row + key + "/" + std::to_string(store_id) + "/" + std::to_string(sequence) +
         std::string(sequence % 100, 'x');
}

/// Whether a row that was read is one that row_of made for this place.
inline bool is_row_of(std::string_view row, const std::string& key, std::uint32_t store_id) {
  const std::string head = key + "/" + std::to_string(store_id) + "/";
  if (row.size() < codec::kOrderSize + head.size() + 1) return false;
  const std::string digits(row.substr(codec::kOrderSize + head.size()));
  if (digits.front() < '0' || digits.front() > '9') return false;
  return row == row_of(key, store_id, std::stoull(digits));
}

/// Writes a row for each of the keys 0 to count and each of kStoreIds.
inline Result<WriteResult> write_all(OnlineStore& store, int count, std::uint64_t sequence) {
  std::vector<std::string> keys;
  std::vector<std::string> bytes;
  for (int i = 0; i < count; ++i) {
    keys.push_back(key_of(i));
    for (const std::uint32_t id : kStoreIds) {
      bytes.push_back(row_of(keys.back(), id, sequence));
    }
  }
  std::vector<WriteRow> rows;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    rows.push_back({.entity_set = 1,
                    .key = keys[i / std::size(kStoreIds)],
                    .store_id = kStoreIds[i % std::size(kStoreIds)],
                    .row = bytes[i]});
  }
  return store.write(rows);
}

/// Reads the keys begin to begin + count. Each row found is right, or the test fails; returns how
/// many were found, or why none could be.
inline Result<std::size_t> read_some(RowReader& reader, int begin, int count) {
  std::vector<std::string> keys;
  std::vector<Lookup> lookups;
  keys.reserve(static_cast<std::size_t>(count));
  for (int i = begin; i < begin + count; ++i) {
    keys.push_back(key_of(i));
    lookups.push_back({.entity_set = 1, .key = keys.back(), .store_ids = kStoreIds});
  }
  Result<std::size_t> outcome = Error(ErrorCode::Internal, "never called");
  reader.read(lookups, [&](Result<std::span<const std::string_view>> rows) {
    if (!rows) {
      outcome = std::move(rows).error();
      return;
    }
    EXPECT_EQ(rows->size(), lookups.size() * std::size(kStoreIds));
    std::size_t found = 0;
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if ((*rows)[i].empty()) continue;
      ++found;
      EXPECT_TRUE(is_row_of(
          (*rows)[i], keys[i / std::size(kStoreIds)], kStoreIds[i % std::size(kStoreIds)]))
          << "a value of somebody else";
    }
    outcome = found;
  });
  return outcome;
}

/// Calls `step` until it is true; false when patience ends.
inline bool eventually(const std::function<bool()>& step) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!step()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Cuts connections in the midst of replies, after so many bytes, until some were made anew; false
/// when patience ends.
inline bool cut_some(Proxy& proxy, std::size_t bytes) {
  const int before = proxy.connections();
  proxy.cut_after(bytes);
  const bool are_new = eventually([&] { return proxy.connections() > before + 10; });
  proxy.cut_after(0);
  return are_new;
}

}  // namespace provender::online::redis::testing

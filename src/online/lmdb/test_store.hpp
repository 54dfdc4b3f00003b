#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/wait.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "online/lmdb/file.hpp"
#include "online/lmdb/lmdb_store.hpp"

/// For tests of the LMDB store: a folder of its own, rows, and other processes.
namespace provender::online::lmdb {

inline std::string key_of(std::int64_t number) {
  std::string key;
  codec::append_key_part(key, ValueView(number));
  return key;
}

inline std::string row_of(std::int64_t time, std::string_view payload) {
  std::string row;
  codec::append_order(row, {.event_timestamp = time, .created_timestamp = 0, .sequence = 0});
  return row.append(payload);
}

/// Stores the row `payload` of `time` for each of the numbers [0, count) and each of the views.
inline Result<WriteResult> write_numbers(OnlineStore& store,
                                         std::int64_t count,
                                         std::int64_t time,
                                         std::string_view payload,
                                         const std::vector<std::uint32_t>& store_ids = {7}) {
  std::vector<std::string> keys;
  for (std::int64_t i = 0; i < count; ++i) {
    keys.push_back(key_of(i));
  }
  const std::string row = row_of(time, payload);
  std::vector<WriteRow> rows;
  for (const std::string& key : keys) {
    for (const std::uint32_t store_id : store_ids) {
      rows.push_back({.entity_set = 1, .key = key, .store_id = store_id, .row = row});
    }
  }
  return store.write(rows);
}

/// What is stored for the number; the error's message where reading fails.
inline std::string read_number(OnlineStore& store, std::int64_t number) {
  const std::string key = key_of(number);
  const std::uint32_t store_id = 7;
  const Lookup lookup{.entity_set = 1, .key = key, .store_ids = std::span(&store_id, 1)};
  std::string result;
  store.read(std::span(&lookup, 1), [&](Result<std::span<const std::string_view>> rows) {
    result = rows ? rows->front() : rows.error().message();
  });
  return result;
}

inline std::uint64_t row_count(OnlineStore& store) {
  const auto stats = store.stats();
  return stats ? stats->rows : ~std::uint64_t{0};
}

/// Runs `work` in a process of its own, which ends without any destructor, and returns its exit
/// status: 0 if `work` returned true.
inline int in_child(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// A store that is never closed, as of a process that is killed.
inline OnlineStore* open_unclosed(const LmdbOptions& options) {
  auto opened = open_lmdb_store(options);
  return opened ? opened->release() : nullptr;
}

class StoreFolder : public testing::Test {
 public:
  StoreFolder(const StoreFolder&) = delete;
  StoreFolder& operator=(const StoreFolder&) = delete;
  StoreFolder(StoreFolder&&) = delete;
  StoreFolder& operator=(StoreFolder&&) = delete;
  ~StoreFolder() override {
    std::error_code ignored;
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(folder_, ignored);
  }

 protected:
  StoreFolder()
      : folder_(std::filesystem::temp_directory_path() /
                ("provender-lmdb-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    options_ = {.path = folder_,
                .project = "streaming",
                .registry_id = "r1",
                .map_size = std::uint64_t{1} << 28U};
  }
  std::unique_ptr<OnlineStore> open() const { return open(options_); }
  static std::unique_ptr<OnlineStore> open(const LmdbOptions& options) {
    auto opened = open_lmdb_store(options);
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? *std::move(opened) : nullptr;
  }

  /// "code: message" of the error that opening gives; "opened" if it gives none.
  std::string failure() const { return failure(options_); }
  static std::string failure(const LmdbOptions& options) {
    const auto opened = open_lmdb_store(options);
    if (opened) return "opened";
    return std::string(to_string(opened.error().code())) + ": " +
           std::string(opened.error().message());
  }

  LmdbOptions read_only() const {
    LmdbOptions options = options_;
    options.read_only = true;
    return options;
  }

  /// A store that was closed, with the numbers [0, count) in it.
  void make_store(std::int64_t count) const {
    const auto store = open();
    ASSERT_TRUE(store);
    ASSERT_TRUE(write_numbers(*store, count, 1, "first"));
  }

  std::filesystem::path data_path() const { return folder_ / "data.mdb"; }
  std::filesystem::path synced_path() const { return folder_ / "synced"; }

  static void patch(const std::filesystem::path& path,
                    std::uint64_t offset,
                    std::string_view bytes) {
    const auto file = File::open(path, O_RDWR);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write_at(offset, bytes));
  }

  std::filesystem::path folder_;
  LmdbOptions options_;
};

}  // namespace provender::online::lmdb

#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "registry/sqlite/database.hpp"
#include "registry/sqlite/sqlite_registry.hpp"
#include "registry/test_definitions.hpp"

/// Registries for the tests of this folder.
namespace provender::registry {

/// A folder of a test's own, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(std::filesystem::temp_directory_path() / "provender-registry-XXXXXX") {
    std::string name = path_;
    if (mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "cannot make " << name;
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path operator/(const char* name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The value, or the test's failure with the error's message.
template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().message()));
  return *std::move(result);
}

template <class T>
T value_of(std::optional<T> value) {
  if (!value) throw std::runtime_error("there is no value");
  return *std::move(value);
}

inline std::string message_of(const auto& result) {
  return result ? "no error" : std::string(result.error().message());
}

/// Fails the test with the message of an error.
#define PROVENDER_EXPECT_OK(expr)                                  \
  do {                                                             \
    const auto provender_result = (expr);                          \
    EXPECT_TRUE(provender_result) << message_of(provender_result); \
  } while (false)

/// Expects an error of a code whose message contains a text.
#define PROVENDER_EXPECT_ERROR(expr, expected_code, text)                                      \
  do {                                                                                         \
    const auto provender_result = (expr);                                                      \
    ASSERT_FALSE(provender_result);                                                            \
    EXPECT_EQ(provender_result.error().code(), expected_code) << message_of(provender_result); \
    EXPECT_THAT(message_of(provender_result), ::testing::HasSubstr(text));                     \
  } while (false)

/// What a view builds, which it must.
inline Generation building_of(const Snapshot& snapshot, const std::string& view) {
  return value_of(snapshot.storage.at(view).building);
}

/// A registry in a fresh folder, with a clock that stands still.
class RegistryTest : public ::testing::Test {
 protected:
  std::unique_ptr<Registry> open(bool create = true) {
    // Tests may share a machine that is busy for long: what waits for another process waits longer.
    return value_of(open_sqlite_registry({.path = path_,
                                          .clock = clock_,
                                          .create = create,
                                          .busy_timeout = std::chrono::minutes(1)}));
  }

  /// Applies against the newest version.
  static Result<std::shared_ptr<const Snapshot>> apply(Registry& registry,
                                                       Definitions definitions) {
    const auto base = value_of(registry.snapshot())->version;
    return registry.apply({.definitions = std::move(definitions),
                           .base_version = base,
                           .applied_by = "test@host",
                           .summary = "an edit"});
  }

  /// Runs SQL beside the registry, as a person with the sqlite3 tool would.
  void run_sql(const char* sql) const {
    PROVENDER_EXPECT_OK(value_of(database())->run_script(sql));
  }

  std::string query(std::string_view sql) const {
    const auto connection = value_of(database());
    auto row = value_of(connection->query(sql));
    return value_of(row.next()) ? row.text(0) : "";
  }

  Result<std::unique_ptr<sqlite::Database>> database() const {
    return sqlite::Database::open({.path = path_, .busy_timeout = std::chrono::seconds(5)});
  }

  /// The file's pages, keys and references are whole.
  void expect_intact() const {
    EXPECT_EQ(query("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(query("PRAGMA foreign_key_check"), "");
  }

  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "registry.db";
  ManualClock clock_{Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 5 / 7))};
};

}  // namespace provender::registry

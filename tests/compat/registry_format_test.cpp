#include <filesystem>

#include "compat/example_page.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "registry/sqlite/sqlite_registry.hpp"

// A registry of format 1, as version 0.1.0 wrote it, and what docs/format/registry.md says of it.

namespace provender {
namespace {

class OldRegistry : public testing::Test {
 public:
  OldRegistry(const OldRegistry&) = delete;
  OldRegistry& operator=(const OldRegistry&) = delete;
  OldRegistry(OldRegistry&&) = delete;
  OldRegistry& operator=(OldRegistry&&) = delete;
  ~OldRegistry() override { std::filesystem::remove_all(folder_); }

 protected:
  OldRegistry()
      : folder_(std::filesystem::temp_directory_path() /
                ("provender-registry-" + std::to_string(::getpid()))),
        path_(folder_ / "registry.db") {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(std::filesystem::path(PROVENDER_SOURCE_DIR) / "tests/compat/registry-1",
                          folder_);
    std::filesystem::permissions(
        path_, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
  }

  std::unique_ptr<registry::Registry> open() const {
    auto opened = registry::open_sqlite_registry({.path = path_, .clock = clock_});
    EXPECT_TRUE(opened) << opened.error().message();
    return *std::move(opened);
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
  ManualClock clock_{*parse_timestamp("2026-12-01T00:00:00Z")};
};

std::string text_of(std::string_view state, const registry::Generation& generation) {
  std::string out = fmt::format("  {}: store {}, entity set {}, schema {}",
                                state,
                                generation.store_id,
                                generation.entity_set,
                                generation.schema_id);
  for (const auto& [feature, field] : generation.fields) {
    out += fmt::format(", {} is field {}", feature, field);
  }
  return out + "\n";
}

std::string text_of(const registry::Snapshot& snapshot) {
  std::string out = fmt::format("registry {}\nversion {}, revision {}\n",
                                snapshot.registry_id,
                                snapshot.version,
                                snapshot.revision);
  for (const auto& [view, storage] : snapshot.storage) {
    out += view + "\n" + text_of("serving", storage.serving);
    if (storage.building) out += text_of("building", *storage.building);
  }
  return out;
}

TEST_F(OldRegistry, BeginsAsThePageSays) {
  const auto bytes = read_file(path_);
  ASSERT_TRUE(bytes);
  const std::string header = example_bytes("registry.md", "header");
  EXPECT_EQ(bytes->substr(60, header.size()), header);
  const auto fresh =
      registry::open_sqlite_registry({.path = folder_ / "new.db", .clock = clock_, .create = true});
  ASSERT_TRUE(fresh);
  EXPECT_EQ(read_file(folder_ / "new.db")->substr(60, header.size()), header);
}

TEST_F(OldRegistry, OfFormat1IsReadAsThePageSays) {
  const auto registry = open();
  const auto snapshot = registry->snapshot();
  ASSERT_TRUE(snapshot) << snapshot.error().message();
  EXPECT_EQ(text_of(**snapshot), example_text("registry.md"));
  const auto first = registry->definitions_at(1);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->feature_view("taste")->features.front().type, Type{.kind = Kind::Int64});
  EXPECT_EQ((*snapshot)->definitions.feature_view("taste")->features.front().type,
            Type{.kind = Kind::Float64});
  EXPECT_EQ(registry->history()->size(), 2U);
  const auto run = registry->runs().last_success("taste", 1);
  ASSERT_TRUE(run && *run);
  EXPECT_EQ((*run)->rows_written, 1U);
}

TEST_F(OldRegistry, OfFormat1IsWrittenOn) {
  const auto registry = open();
  Definitions definitions = (*registry->snapshot())->definitions;
  definitions.feature_views.front().about.description = "What a user likes.";
  const auto applied = registry->apply(
      {.definitions = definitions, .base_version = 2, .applied_by = "test", .summary = ""});
  ASSERT_TRUE(applied) << applied.error().message();
  EXPECT_EQ((*applied)->version, 3U);
  const auto rebuilt = registry->rebuild("user_segment");
  ASSERT_TRUE(rebuilt) << rebuilt.error().message();
  EXPECT_EQ((*rebuilt)->storage.at("user_segment").building->store_id, 4U)
      << "numbers never come back";
}

}  // namespace
}  // namespace provender

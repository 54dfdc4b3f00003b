#include "offline/duckdb/row_groups.hpp"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/file_states.hpp"
#include "offline/duckdb/footer_layout.hpp"
#include "offline/duckdb/source_groups.hpp"
#include "offline/duckdb/test_project.hpp"

namespace provender::offline {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

/// Row groups of 10 rows: `groups[f]` of file f.
std::vector<RowGroup> groups_of(const std::vector<int>& groups) {
  std::vector<RowGroup> out;
  for (std::size_t file = 0; file < groups.size(); ++file) {
    for (std::int64_t g = 0; g < groups[file]; ++g) {
      out.push_back({.file = file, .begin = g * 10, .end = g * 10 + 10});
    }
  }
  return out;
}

std::string text_of(const std::vector<std::vector<RowRange>>& parts) {
  std::string out;
  for (const auto& part : parts) {
    out += "[";
    for (const RowRange& range : part) {
      out += " " + std::to_string(range.first_file);
      if (range.files > 1) out += "-" + std::to_string(range.first_file + range.files - 1);
      if (range.begin) {
        out += ":" + std::to_string(*range.begin) + "-" + std::to_string(range.end);
      }
    }
    out += " ]";
  }
  return out;
}

TEST(RowGroups, AGroupIsCutWhereTheThreadsHaveNotEnoughBehindIt) {
  const auto shares = [](const std::vector<int>& sizes, std::size_t threads) {
    std::vector<SourceGroup> groups(sizes.size());
    for (std::size_t g = 0; g < sizes.size(); ++g) {
      groups[g].row_groups.push_back(groups_of({sizes[g]}));
    }
    return shares_of(groups, threads);
  };
  EXPECT_THAT(shares({5, 5, 5}, 2), ElementsAre(1, 1, 4));
  EXPECT_THAT(shares({9, 5, 2}, 2), ElementsAre(4, 4, 4));
  EXPECT_THAT(shares({5, 5, 5}, 3), ElementsAre(1, 6, 6));
  EXPECT_THAT(shares({5, 5}, 1), ElementsAre(1, 1));
}

TEST(Cut, AFileIsCutBetweenRowGroups) {
  const auto groups = groups_of({4});
  EXPECT_EQ(text_of(cut(groups, groups, 1)), "[ 0 ]");
  EXPECT_EQ(text_of(cut(groups, groups, 2)), "[ 0:0-20 ][ 0:20-40 ]");
  EXPECT_EQ(text_of(cut(groups, groups, 4)), "[ 0:0-10 ][ 0:10-20 ][ 0:20-30 ][ 0:30-40 ]");
  EXPECT_EQ(text_of(cut({}, {}, 2)), "");
}

TEST(Cut, WholeFilesAreReadTogether) {
  const auto groups = groups_of({1, 1, 1, 3, 1, 1});
  EXPECT_EQ(text_of(cut(groups, groups, 2)), "[ 0-2 3:0-10 ][ 3:10-30 4-5 ]");
}

TEST(Cut, ALargeFileIsReadByItself) {
  auto groups = groups_of({1, 1, 1, 1, 1, 1});
  for (const std::size_t large : {2UL, 3UL}) {
    groups[large].end = kRowsOfOwnScan;
  }
  EXPECT_EQ(text_of(cut(groups, groups, 1)), "[ 0-1 2 3 4-5 ]");
}

TEST(Cut, WhatIsLeftOutIsNotRead) {
  const auto all = groups_of({4, 1});
  const std::vector<RowGroup> some = {all[0], all[2], all[3], all[4]};
  EXPECT_EQ(text_of(cut(some, all, 1)), "[ 0:0-10 0:20-40 1 ]");
}

TEST(TimeOrder, IsSeenInTheMetadata) {
  auto groups = groups_of({16});
  EXPECT_TRUE(are_time_ordered(groups));  // nothing is known
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto time = static_cast<std::int64_t>(i) * 100;
    groups[i].times = {.least = time, .most = time + 100};
  }
  EXPECT_TRUE(are_time_ordered(groups));
  for (RowGroup& group : groups) {
    group.times->least = 0;
  }
  EXPECT_TRUE(are_time_ordered(groups));  // a late row in each is none too many
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i].times->most = static_cast<std::int64_t>(i % 2 == 0 ? 1000 - i : 2000 + i);
  }
  EXPECT_FALSE(are_time_ordered(groups));
}

TEST(KeyOrder, IsSeenInTheMetadata) {
  auto groups = groups_of({16});
  EXPECT_FALSE(are_clustered(groups));  // nothing is known
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto key = static_cast<std::int64_t>(i) * 100;
    groups[i].keys = {{{.least = key, .most = key + 100}}};
  }
  EXPECT_TRUE(are_clustered(groups));
  for (RowGroup& group : groups) {
    group.keys[0]->least = std::int64_t{0};
  }
  EXPECT_FALSE(are_clustered(groups));
}

TEST(FileStates, NameAFileThatChangedOrVanished) {
  const TestProject project;
  const ProjectFiles names(project.folder(), {});
  project.write_text("a", "1");
  project.write_text("b", "1");
  const std::vector<std::string> files = {project.path("a").string(), project.path("b").string()};
  auto states = FileStates::of(names, files);
  ASSERT_TRUE(states);
  EXPECT_TRUE(states->check());
  EXPECT_EQ(states->same_as(files[1]), "b");
  project.write_text("b", "12");
  auto changed = states->check();
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code(), ErrorCode::Conflict);
  EXPECT_THAT(std::string(changed.error().message()), StartsWith("'b' changed while it was read"));
  std::filesystem::remove(files[0]);
  EXPECT_THAT(std::string(states->check().error().message()), StartsWith("'a' vanished"));
  EXPECT_EQ(FileStates::of(names, files).error().message(), "read a: No such file or directory");
}

TEST(FileStates, NameAnotherFileAsTheyAreTold) {
  const TestProject project;
  project.write_text("spine", "1");
  const std::string path = project.path("spine").string();
  FileStates states;
  ASSERT_TRUE(states.add(path, "../spine"));
  EXPECT_EQ(states.same_as(path), "../spine");
  std::filesystem::remove(path);
  EXPECT_THAT(std::string(states.check().error().message()), StartsWith("'../spine' vanished"));
  EXPECT_EQ(states.add(path, "../spine").error().message(),
            "read ../spine: No such file or directory");
}

/// A file of one column of keys as an old writer leaves it: with Parquet's first fields for least
/// and most only, in which 'mmmmm' stands as the most.
void make_old_statistics(const TestProject& project, const std::string& file) {
  std::string bytes = project.read_text(file);
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + bytes.size() - 8, sizeof size);
  const std::size_t footer = bytes.size() - 8 - size;
  const std::string most("\x18\x05yyyyy", 7);
  const std::string newer(
      "\x28\x05yyyyy\x18\x05"
      "bbbbb\x11\x11",
      16);
  const std::size_t first = bytes.find(most, footer);
  const std::size_t second = bytes.find(newer, footer);
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  bytes.replace(second, newer.size(), "");
  bytes.replace(first + 2, 5, "mmmmm");
  size -= static_cast<std::uint32_t>(newer.size());
  std::memcpy(bytes.data() + bytes.size() - 8, &size, sizeof size);
  project.write_text(file, bytes);
}

/// The one file k.parquet, of a text and a time.
SourceRelation::Part text_part(const TestProject& project) {
  SourceRelation::Part out;
  out.source.files = {project.path("k.parquet").string()};
  out.columns = {{.name = "k0", .source = "k", .native_type = "VARCHAR"},
                 {.name = "ts", .source = "ts", .native_type = "TIMESTAMP"}};
  return out;
}

/// Its first row group, as DuckDB tells.
RowGroup by_metadata(const TestProject& project) {
  auto database = Database::open({.memory_limit = 1U << 30,
                                  .threads = 1,
                                  .temp_parent = project.path(".provender/tmp"),
                                  .allowed_directories = {project.folder().string()},
                                  .allowed_files = {}});
  auto connection = Connection::open(*database, {});
  const SourceRelation::Part part = text_part(project);
  const auto groups = read_row_groups(*connection, part.source.files, part, 1);
  EXPECT_TRUE(groups) << groups.error().message();
  EXPECT_EQ(groups->size(), 1U);
  return groups->front();
}

/// The same, as the footer tells.
RowGroup by_footer(const TestProject& project) {
  const SourceRelation::Part part = text_part(project);
  const auto pages = PageFiles::of({.files = part.source.files,
                                    .columns = {},
                                    .bounded = {"k", "ts"},
                                    .most_page_bytes = std::size_t{1} << 30,
                                    .stop = {}});
  const auto groups = row_groups_of(*pages, part, 1);
  EXPECT_TRUE(groups);
  EXPECT_EQ(groups->size(), 1U);
  return groups->front();
}

TEST(RowGroups, TextsAreNotBoundByTheStatisticsOfOldWriters) {
  TestProject project;
  project.write("k.parquet",
                "SELECT 'bbbbb' AS k, TIMESTAMP '2026-05-01' AS ts UNION ALL SELECT 'yyyyy', "
                "TIMESTAMP '2026-05-02'");
  const RowGroup now = by_metadata(project);
  EXPECT_EQ(by_footer(project), now);
  ASSERT_TRUE(now.keys[0]);
  EXPECT_EQ(std::get<std::string>(now.keys[0]->most), "yyyyy");
  make_old_statistics(project, "k.parquet");
  EXPECT_EQ(project.rows("SELECT max(k) FROM '@/k.parquet'")[0][0],
            Value{.storage = std::string("yyyyy")});
  const RowGroup old = by_metadata(project);
  EXPECT_EQ(by_footer(project), old);
  EXPECT_FALSE(old.keys[0]);
  EXPECT_TRUE(old.times);
}

TEST(RowGroups, TextsAreNotBoundByCharactersThatAreCutOff) {
  TestProject project;
  project.write("k.parquet", "SELECT 'a\u00e9z' AS k, TIMESTAMP '2026-05-01' AS ts");
  std::string bytes = project.read_text("k.parquet");
  const std::size_t data = bytes.find("a\u00e9z");
  for (std::size_t at = data + 1; (at = bytes.find("a\u00e9z", at)) != std::string::npos; ++at) {
    bytes[at + 2] = '\xff';  // in the footer
  }
  project.write_text("k.parquet", bytes);
  const RowGroup group = by_metadata(project);
  EXPECT_FALSE(group.keys[0]);
  EXPECT_TRUE(group.times);
}

}  // namespace
}  // namespace provender::offline

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fs.hpp"
#include "definitions/loader.hpp"
#include "definitions/testing/folder.hpp"

namespace provender::definitions {
namespace {

using testing::Folder;
using ::testing::HasSubstr;

TEST(Init, MakesAProjectWhoseDefinitionsLoad) {
  const Folder folder;
  const auto project = folder.path() / "new" / "Movie night!";
  ASSERT_TRUE(init_project(project));
  const auto config = load_project(project).value();
  EXPECT_EQ(config.project, "Movie_night");
  const auto definitions = load_definitions(config).value();
  EXPECT_EQ(definitions.feature_views.size(), 3U);
  EXPECT_NE(definitions.feature_service("what_to_watch_next"), nullptr);
  for (const auto& view : definitions.feature_views) {
    EXPECT_TRUE(std::filesystem::exists(project / view.source.text)) << view.source.text;
  }
  EXPECT_EQ(read_file(project / "spine.csv").value(),
            "user_id,event_timestamp\n8a2f,2026-05-05 12:00:00\nb13c,2026-05-07 "
            "20:00:00\n8a2f,2026-05-07 22:00:00\n");
}

TEST(Init, TakesTheFoldersNameAsFarAsItIsOne) {
  const Folder folder;
  for (const auto& [name, project] : std::vector<std::pair<std::string, std::string>>{
           {"streaming", "streaming"},
           {"a__b", "a_b"},
           {"7-days", "days"},
           {"42", "my_project"},
           {"é-x-", "x"},
           {std::string(200, 'a'), std::string(128, 'a')}}) {
    ASSERT_TRUE(init_project(folder.path() / name));
    EXPECT_EQ(load_project(folder.path() / name).value().project, project);
  }
}

TEST(Init, TakesAFolderNamedWithASlash) {
  const Folder folder;
  ASSERT_TRUE(init_project(folder.path() / "demo/"));
  EXPECT_EQ(load_project(folder.path() / "demo").value().project, "demo");
}

TEST(Init, OverwritesNothing) {
  const Folder folder;
  const auto mine = folder.write("features.yaml", "mine");
  const auto failed = init_project(folder.path());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(failed.error().message(),
            mine.string() +
                " is there already, and nothing is overwritten: choose another "
                "folder, or move the file away");
  EXPECT_EQ(read_file(mine).value(), "mine");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "provender.yaml"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data"));
}

TEST(Init, LeavesOtherFilesAlone) {
  const Folder folder;
  folder.write("README.md", "mine");
  folder.write("data/other.csv", "mine");
  ASSERT_TRUE(init_project(folder.path()));
  EXPECT_EQ(read_file(folder.path() / "README.md").value(), "mine");
}

TEST(Init, LeavesNothingBehindWhenItFails) {
  const Folder folder;
  folder.write("data", "a file where a folder is needed");
  const auto failed = init_project(folder.path());
  ASSERT_FALSE(failed);
  EXPECT_THAT(std::string(failed.error().message()), HasSubstr("data"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace provender::definitions

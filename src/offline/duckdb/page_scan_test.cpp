#include "offline/duckdb/page_scan.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/test_project.hpp"
#include "offline/sql_text.hpp"
#include "pit/answers.hpp"
#include "pit/values.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

/// Reads a feature, of which the first row wins, from data/f.parquet, which has changed since its
/// footer was read: nobody looks here whether it has.
class PageScanTest : public ::testing::Test {
 protected:
  PageScanTest() { write(10'000); }

  void write(int rows) {
    project_.write(
        "data/f.parquet",
        "SELECT hash(i)::HUGEINT::DOUBLE AS f FROM range(" + std::to_string(rows) + ") r(i)");
  }

  template <class Change>
  std::string failure_after(Change change, ErrorCode code) {
    const std::vector<std::string> files = {path_.string()};
    PageReaders readers;
    readers.plan(std::size_t{1} << 20);
    const auto opened = PageFiles::of({.files = files,
                                       .columns = std::set<std::string>{"f"},
                                       .most_page_bytes = readers.most_page_bytes(),
                                       .stop = {}});
    change();
    RowProgress progress(nullptr, {});
    const ProjectFiles names(project_.folder(), {});
    PageScan scan(
        {.files = *opened, .names = names, .readers = readers, .progress = progress, .stop = {}});
    const SourceRelation::Column column{
        .name = "f0",
        .source = "f",
        .native_type = "DOUBLE",
        .wanted = "float64",
        .conversion = {.value = sql::identifier("f"), .is_exact = {}}};
    pit::Answers answers;
    answers.winners.push_back(0);
    auto stores = pit::ValueStore::together(std::vector{Type{.kind = Kind::Float64}}, 1);
    const FeatureSink::View view{.answers = answers, .stores = {stores[0].get()}};
    const std::vector<PageScan::ViewFeatures> features = {{.columns = {&column}, .view = view}};
    const auto done = scan.read_features(
        {.file = 0, .rows = {.begin = 0, .end = opened->file(0).rows()}}, features);
    if (done) return "";
    EXPECT_EQ(done.error().code(), code) << done.error().message();
    return std::string(done.error().message());
  }

  TestProject project_;
  fs::path path_ = project_.path("data/f.parquet");
};

TEST_F(PageScanTest, WhatIsWrongNamesTheFileOnceAsTheProjectCallsIt) {
  EXPECT_EQ(failure_after([] {}, ErrorCode::Internal), "");
  EXPECT_EQ(failure_after([&] { fs::resize_file(path_, 1000); }, ErrorCode::InvalidArgument),
            "data/f.parquet: column 'f': its pages lie behind the file's end");
  write(10'000);
  EXPECT_EQ(
      failure_after([&] { project_.write_text("data/f.parquet", std::string(100'000, '\xff')); },
                    ErrorCode::InvalidArgument),
      "data/f.parquet: column 'f': the header of a page is damaged");
  write(10'000);
  EXPECT_EQ(failure_after([&] { fs::remove(path_); }, ErrorCode::NotFound),
            "open data/f.parquet: No such file or directory");
  write(10'000);
  EXPECT_EQ(failure_after(
                [&] {
                  fs::remove(path_);
                  fs::create_directory(path_);
                },
                ErrorCode::InvalidArgument),
            "data/f.parquet is no regular file");
}

}  // namespace
}  // namespace provender::offline

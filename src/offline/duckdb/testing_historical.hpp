#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

/// For tests only: a project with a source and a spine, and a request for training rows.
namespace provender::offline {

class HistoricalTest : public ::testing::Test {
 protected:
  HistoricalTest() {
    project_.write(
        "data/f.parquet",
        "SELECT * FROM (VALUES (1::BIGINT, TIMESTAMP '2026-05-01 00:00:00', 10::BIGINT), "
        "(1, '2026-05-03 00:00:00', 30), (2, '2026-05-02 00:00:00', NULL)) "
        "t(user_id, event_timestamp, f)");
    add_view(definitions_, "v", parquet("data/f.parquet"), "f");
    options_.spine = project_.path("spine.parquet");
    options_.out = project_.path("out.parquet");
  }

  /// A spine of rows "(user, 'time', label)".
  void spine(const std::string& rows) {
    project_.write("spine.parquet",
                   "SELECT * FROM (VALUES " + rows + ") t(user_id, event_timestamp, label)");
  }

  /// A view of CSV and one of SQL, and a spine of CSV that has their entity.
  void add_text_files() {
    project_.write_text("data/c.csv", "user_id,event_timestamp,g\n1,2026-05-01,5\n");
    add_view(definitions_, "text", csv("data/c.csv"), "g");
    add_view(definitions_,
             "sql",
             select("SELECT user_id, event_timestamp, g AS h FROM 'data/c.csv'"),
             "h");
    project_.write_text("spine.csv", "user_id,event_timestamp\n1,2026-05-04\n");
  }

  /// What the project has besides the folder that is for temporary files, if it is there.
  std::vector<std::string> files() const {
    auto out = project_.list(".");
    std::erase(out, ".provender");
    return out;
  }
  /// `before_` is then what there must be when a request has left nothing behind.
  void remember_files() { before_ = files(); }

  Result<HistoricalReport> run(std::vector<std::string> features = {"v:f"},
                               const Control& control = {}) {
    auto selection =
        provender::select(definitions_, {.features = features, .service = "", .full_names = false});
    if (!selection) return std::move(selection).error();
    return store_->historical(
        {.definitions = definitions_, .selection = *selection, .options = options_}, control);
  }

  std::string message() {
    const auto done = run();
    if (done) return "";
    code_ = done.error().code();
    return std::string(done.error().message());
  }

  /// Rows of the output as text.
  std::vector<std::string> output() {
    std::vector<std::string> out;
    for (const auto& row : project_.rows("SELECT CAST(t AS VARCHAR) FROM '@/out.parquet' t")) {
      out.push_back(std::get<std::string>(row[0].storage));
    }
    return out;
  }

  TestProject project_;
  std::unique_ptr<DuckdbStore> store_ = std::make_unique<DuckdbStore>(project_.options());
  Definitions definitions_ = user_definitions();
  HistoricalOptions options_;
  ErrorCode code_ = ErrorCode::Internal;
  std::vector<std::string> before_;
};

inline constexpr const char* kOneRow = "(1::BIGINT, TIMESTAMP '2026-05-04 00:00:00', 'a')";

/// Does something once, when a phase is told whose name begins so.
struct During final : Progress {
  std::string phase;
  std::function<void()> action;

  void update(std::string_view told, std::uint64_t /*done*/, std::uint64_t /*total*/) override {
    if (action && told.starts_with(phase)) std::exchange(action, {})();
  }
};

}  // namespace provender::offline

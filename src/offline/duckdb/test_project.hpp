#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "offline/duckdb/connection.hpp"
#include "offline/offline_store.hpp"

/// For tests only: a project folder of its own, with a DuckDB beside it to make and read files.
namespace provender::offline {

class TestProject {
 public:
  TestProject();
  ~TestProject();
  TestProject(const TestProject&) = delete;
  TestProject& operator=(const TestProject&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path(const std::string& relative) const { return folder_ / relative; }
  OfflineOptions options() const { return {.project = folder_, .roots = {}}; }

  /// Runs SQL in which @ stands for the folder; folders of COPY targets must exist.
  void sql(std::string statement);
  Rows rows(std::string select);
  /// COPY (select) TO a file in the project, whose folder is made; Parquet or CSV by its extension.
  void write(const std::string& relative,
             const std::string& select,
             std::size_t row_group_rows = 122'880);
  void write_text(const std::string& relative, const std::string& text) const;
  std::string read_text(const std::string& relative) const;
  /// Names in a folder, sorted.
  std::vector<std::string> list(const std::string& relative) const;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<Connection> connection_;
};

/// A SQL literal that is exactly this value, of column_type(type).
std::string sql_literal(const Value& value, Type type);

}  // namespace provender::offline

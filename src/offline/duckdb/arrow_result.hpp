#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "arrow/ipc_writer.hpp"

#include "offline/duckdb/connection.hpp"

namespace provender::offline {

/// Training rows as an Arrow IPC file. Confined to one thread.
class ArrowResult {
 public:
  /// The file is there or made with the first rows.
  explicit ArrowResult(std::filesystem::path path) : path_(std::move(path)) {}

  /// Writes the rows of a SELECT, in their order, behind those that are there: all have the same
  /// columns. Errors as of the file system; InvalidArgument: a column's type that has no IPC form.
  Result<> append(Connection& connection, const std::string& select);
  /// Once, after all rows.
  Result<> finish() { return writer_->finish(); }

 private:
  std::filesystem::path path_;
  std::optional<arrow::IpcWriter> writer_;
};

}  // namespace provender::offline

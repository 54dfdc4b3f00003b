#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/selection.hpp"
#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/parquet_options.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/source_relation.hpp"

namespace provender::offline {

/// The rows asked about, staged whole in the table `spine`, in their order. Confined to one thread.
class Spine {
 public:
  static constexpr const char* kTable = "spine";

  struct Request {
    const ProjectFiles& files;
    std::filesystem::path path;
    std::string event_timestamp;
    std::span<const RequestKey> keys;  ///< types resolved
  };
  /// Reads the file. InvalidArgument: no such column (with the nearest), a timestamp that is none,
  /// a key of a type that never fits, a value that does not convert (row, column, value).
  static Result<Spine> open(Connection& connection, const Request& request);

  std::uint64_t rows() const { return rows_; }
  std::uint64_t null_rows() const { return null_rows_; }
  bool is_text() const { return is_text_; }
  const std::vector<std::string>& columns() const { return columns_; }

  /// The table that a view is joined to: r, k0, k1, …, t of the rows that have all of them.
  Result<> make_view_spine(Connection& connection,
                           const std::vector<std::string>& request_keys,
                           const std::string& table) const;

  /// Its columns of floating point, where the file has types.
  const WrittenTable& written() const { return written_; }

  /// What is given of the spine, as SELECT items: all of its columns. Of CSV, unless `as_text`,
  /// keys and time have their types, and the others one that all their values have: BIGINT, DOUBLE,
  /// VARCHAR.
  Result<std::vector<std::string>> output_items(Connection& connection, bool as_text) const;

 private:
  Spine() = default;

  std::vector<std::string> columns_;
  WrittenTable written_;
  std::map<std::string, std::string> keys_;  ///< request key → its converted value
  std::string event_timestamp_;              ///< column
  std::string time_;                         ///< BIGINT microseconds
  bool is_text_ = false;
  std::uint64_t rows_ = 0;
  std::uint64_t null_rows_ = 0;
};

}  // namespace provender::offline

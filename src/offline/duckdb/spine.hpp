#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/selection.hpp"
#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/parquet_options.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/source_relation.hpp"

namespace provender::offline {

/// The rows asked about, in their order. In queries it is `spine`: a table in which they are
/// staged, or their file. Confined to one thread.
class Spine {
 public:
  static constexpr const char* kTable = "spine";

  struct Request {
    const ProjectFiles& files;
    std::filesystem::path path;
    std::string name;  ///< for errors
    std::string event_timestamp;
    std::span<const RequestKey> keys;  ///< types resolved
    bool staged = true;                ///< whether a Parquet file is staged too
    bool is_made = false;              ///< the table `spine` is there; no file is read
    /// As in OpenRequest.
    std::optional<std::size_t> most_page_bytes;
    /// Of columns that are given as they are, once the join is over.
    std::size_t most_copied_page_bytes = 0;
  };
  /// Plans how the file is read. InvalidArgument: no such column (with the nearest), a timestamp
  /// that is none, a key of a type that never fits.
  static Result<Spine> open(Connection& connection, const Request& request);

  /// Rows in all, and those with a null key or time. InvalidArgument: a value that does not convert
  /// (row, column, value).
  struct Counts {
    std::uint64_t rows = 0;
    std::uint64_t null_rows = 0;
    std::uint64_t distinct_keys = 0;  ///< about
  };
  Result<Counts> count(Connection& connection) const;
  /// Rows in all, without reading them where the file's metadata tells.
  Result<std::uint64_t> count_rows(Connection& connection) const;

  /// The error with the file that it is about.
  Error within(Error error) const;
  /// What is wrong with the file, if it is that which an error comes from: it names the column.
  Error explain(Connection& connection, Error error) const;

  /// Where keys and time are read page by page; nullptr: DuckDB reads them.
  const PageFiles* pages() const;
  /// Whether all of its columns are given as they are, page by page.
  bool gives_pages() const { return gives_pages_; }
  /// Bytes of a row of those, unpacked, at most and as far as its footer tells.
  std::uint64_t page_bytes_per_row() const;

  bool is_text() const { return is_text_; }
  const std::vector<std::string>& columns() const { return columns_; }
  /// What stands behind FROM; its alias is `spine`.
  std::string from() const;
  /// A row's number, from 0: a BIGINT expression.
  const std::string& row_number() const { return part_.source.position; }
  /// Whether a row is one of [begin, end): a BOOLEAN expression.
  std::string is_row_of(std::uint64_t begin, std::uint64_t end) const;
  /// How its keys, in the order of the request, and its time are read.
  std::span<const SourceRelation::Column> key_and_time() const { return part_.columns; }

  /// The table that a view is joined to: r, k0, k1, …, t of the rows that have all of them. Only of
  /// a spine that is staged.
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
  explicit Spine(const ProjectFiles& files) : files_(&files) {}
  /// Of all columns, or of keys and time.
  void keep_pages(std::optional<PageFiles> pages, std::size_t most_copied_page_bytes);
  Result<> note_columns(const std::vector<SourceColumn>& columns);

  const ProjectFiles* files_;
  std::filesystem::path path_;
  std::string name_;
  SourceRelation::Part part_;
  std::vector<std::string> columns_;
  WrittenTable written_;
  std::map<std::string, std::string> keys_;  ///< request key → its converted value
  std::string event_timestamp_;              ///< column
  std::string time_;                         ///< BIGINT microseconds
  bool is_text_ = false;
  bool is_staged_ = true;
  std::optional<PageFiles> pages_;  ///< of a file whose footer is understood
  bool gives_pages_ = false;
};

}  // namespace provender::offline

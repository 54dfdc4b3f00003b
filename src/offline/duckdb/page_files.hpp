#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "offline/duckdb/row_groups.hpp"
#include "offline/source_relation.hpp"
#include "parquet/chunk_reader.hpp"
#include "parquet/file.hpp"
#include "parquet/footer.hpp"

namespace provender::offline {

/// DuckDB's name of the type of a column.
std::string native_type(const parquet::Column& column);

/// A Parquet file whose footer is understood.
struct PageFile {
  parquet::Footer footer;
  std::vector<std::int64_t> ends;  ///< of row groups: rows of the file before their ends

  /// Rows of the file: [begin, end), whole row groups of it.
  struct Rows {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  std::int64_t rows() const { return ends.empty() ? 0 : ends.back(); }
  std::vector<std::size_t> row_groups(Rows rows) const;
  /// Rows of one row group: of the file as well.
  struct Stretch {
    std::size_t row_group = 0;
    std::size_t skipped = 0;  ///< of the row group, before them
    Rows rows;
  };
  /// Where any rows lie, whole row groups or not.
  std::vector<Stretch> stretches(Rows rows) const;
  std::int64_t begin(std::size_t row_group) const {
    return row_group == 0 ? 0 : ends[row_group - 1];
  }
};

/// Files of a source as `src/parquet` reads them: flat columns whose values need no conversion, in
/// the encodings and codecs that it knows. All else DuckDB reads.
class PageFiles {
 public:
  struct Request {
    const std::vector<std::string>& files;  ///< in path order
    /// What else is in the files is forgotten; nullopt: nothing is.
    std::optional<std::set<std::string>> columns;
    std::set<std::string> bounded;  ///< columns whose statistics are kept
    /// A column chunk whose pages may take more is none that can be read.
    std::size_t most_page_bytes;
    std::stop_token stop;
  };
  /// Looks at the footers. Cancelled: it was stopped.
  static Result<PageFiles> of(const Request& request);

  /// Whether all values of these columns can be read, of the files of a part.
  bool can_read(const SourceRelation::Part& part,
                const std::vector<const SourceRelation::Column*>& columns) const;

  /// Whether there are files, and all of their columns can be read, as they are, by pages that
  /// take this much.
  bool can_read_all(std::size_t most_page_bytes) const;

  /// Forgets all other columns.
  void keep(const std::set<std::string>& columns);

  /// A file's place; nullopt: it is not among them, or its footer is none that is understood.
  std::optional<std::size_t> find(const std::string& path) const;
  /// Whether the footers of all are understood, and say of the same columns that they have them.
  bool are_alike() const { return are_alike_; }
  /// Of all columns of files that are alike, also of those that are not read: in lower case,
  /// sorted.
  const std::vector<std::string>& column_names() const { return column_names_; }

  const std::vector<std::string>& names() const { return names_; }
  const std::string& name(std::size_t file) const { return names_[file]; }
  /// One whose footer is understood.
  const PageFile& file(std::size_t file) const { return *files_[file]; }
  /// Lets `reader` read a column that can be read, in one row group. `file` must outlive it.
  static Result<> open(parquet::ChunkReader& reader,
                       const parquet::File& file,
                       const PageFile& page_file,
                       std::size_t row_group,
                       const SourceRelation::Column& column);

 private:
  bool can_read(const PageFile& file,
                const std::vector<const SourceRelation::Column*>& columns) const;

  std::size_t most_page_bytes_ = 0;
  bool are_alike_ = false;
  std::vector<std::string> column_names_;
  std::vector<std::string> names_;
  std::vector<std::optional<PageFile>> files_;  ///< nullopt: the footer is none that it knows
};

}  // namespace provender::offline

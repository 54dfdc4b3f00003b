#pragma once

#include <string>
#include <vector>

#include "model/selection.hpp"
#include "offline/duckdb/file_states.hpp"
#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/row_groups.hpp"
#include "offline/duckdb/source_reader.hpp"

namespace provender::offline {

/// Shares of a scan for each thread: more than one, because they do not take equally long.
inline constexpr std::size_t kSharesPerThread = 2;

/// Views of a selection that read one source, and in it the same columns as keys and times: it is
/// scanned once for all.
struct SourceGroup {
  struct View {
    std::size_t index;                  ///< in the selection
    std::vector<std::size_t> features;  ///< places in the view of those that are asked
    std::size_t role = 0;               ///< place in `roles`
    SourceRelation relation;            ///< differs from the other views' in its features only
    /// By feature of `features`: about how many bytes a value has outside of its cell.
    std::vector<std::uint64_t> value_bytes;
  };
  std::vector<View> views;
  std::vector<std::size_t> roles;  ///< of the spine that the views are joined in
  std::vector<Type> key_types;
  std::string source;           ///< as it is declared
  std::optional<Duration> ttl;  ///< the longest; nullopt: a view has none

  std::vector<std::string> files;                 ///< Parquet: in path order
  FileStates states;                              ///< of the files, before anything was read
  std::vector<std::vector<RowGroup>> row_groups;  ///< Parquet: of each part of the relation

  // Parquet, whether pages are read without DuckDB: of keys and times, of features.
  PageFiles pages;
  bool reads_pages_of_keys = false;
  bool reads_pages_of_features = false;
  /// Whether DuckDB scans none of it.
  bool reads_pages() const { return reads_pages_of_keys && reads_pages_of_features; }

  // CSV and SQL, which are staged:
  std::uint64_t rows = 0;
  std::uint64_t skipped_rows = 0;

  bool is_staged() const { return files.empty(); }
  /// Of Parquet files, by their metadata.
  std::int64_t file_rows() const;
  const SourceRelation& relation() const { return views.front().relation; }
  using Columns = std::vector<const SourceRelation::Column*>;
  /// Keys, event timestamp, [created timestamp].
  Columns key_columns(std::size_t part) const;
  /// Of a view, those that are asked. A SELECT's relation has more.
  static Columns feature_columns(const View& view, std::size_t part);
};

/// The views of a selection in groups, and the roles that they have together.
struct SourceGroups {
  std::vector<SourceGroup> groups;              ///< in the order of their first views
  std::vector<std::vector<std::string>> roles;  ///< columns of the request
};
SourceGroups group_views(const Definitions& definitions, const Selection& selection);

/// InvalidArgument names the first value of a part that does not convert, and a view that asks for
/// it.
Result<> check_values(Connection& connection,
                      const ProjectFiles& files,
                      const Selection& selection,
                      const SourceGroup& group,
                      std::size_t part);

/// By group, into how many shares each of its scans is cut: one where the threads have enough to do
/// with the groups behind it, because a share of a file costs more than its part of the file.
std::vector<std::size_t> shares_of(std::span<const SourceGroup> groups, std::size_t threads);

}  // namespace provender::offline

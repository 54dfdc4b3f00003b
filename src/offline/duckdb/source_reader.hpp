#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/source_relation.hpp"

namespace provender::offline {

class StagedSources;

/// The columns, as SQL, that a table needs which a source of CSV or SQL is read into.
std::set<std::string> columns_to_stage(const SourceRelation& relation);

/// A source as it lies there, before anything is read of it.
struct SourceLayout {
  SourceShape shape;
  std::vector<std::string> files;  ///< absolute, in path order; empty for SQL
};

/// A source that is ready for queries.
struct OpenedSource {
  SourceRelation relation;
  std::uint64_t rows = 0;
  std::uint64_t skipped_rows = 0;   ///< null key or event timestamp
  std::uint64_t distinct_keys = 0;  ///< about
};

/// Finds the sources of one set of definitions, on one connection. Confined to one thread.
class SourceReader {
 public:
  SourceReader(Connection& connection, const ProjectFiles& files, const Definitions& definitions)
      : connection_(connection), files_(files), definitions_(definitions) {}

  Result<SourceLayout> layout(const Source& source);
  /// Of Parquet files, in path order.
  Result<SourceShape> shape(const std::vector<std::string>& files, bool hive);

  /// The files that it reads, those of SQL too, absolute. Errors as those of `layout`.
  Result<std::vector<std::string>> input_files(const Source& source);

  /// How many rows Parquet files have, by their metadata.
  Result<std::uint64_t> metadata_rows(const std::vector<std::string>& files);

  /// Reads the source of CSV or SQL once, into the temporary table `table`, of which `relation`
  /// then is.
  Result<> stage(SourceRelation& relation, const std::string& table);

  /// Plans how the view's columns are read and checks that every value converts without loss.
  /// CSV and SQL are read once, into the temporary table `staging_table`, or into that of `staged`.
  /// `features` are places in the view.
  Result<OpenedSource> open(const FeatureView& view,
                            std::span<const std::size_t> features,
                            const std::string& staging_table);
  Result<OpenedSource> open(const FeatureView& view,
                            std::span<const std::size_t> features,
                            StagedSources& staged);

 private:
  template <class Stage>
  Result<OpenedSource> open_with(const FeatureView& view,
                                 std::span<const std::size_t> features,
                                 Stage stage);
  Result<SourceLayout> parquet_layout(const Source& source);
  Result<SourceLayout> csv_layout(const Source& source);
  Result<SourceLayout> sql_layout(const Source& source);
  Result<std::vector<std::vector<std::string>>> group_by_columns(
      const std::vector<std::string>& files);
  Result<SourcePart> read_parquet_part(const std::vector<std::string>& group,
                                       const std::vector<std::string>& all,
                                       bool hive);

  Connection& connection_;
  const ProjectFiles& files_;
  const Definitions& definitions_;
};

/// Runs compile_profile of one part and adds it up. InvalidArgument names the first value that does
/// not convert: file, row, column, value.
Result<> profile_part(Connection& connection,
                      const ProjectFiles& files,
                      const SourceRelation::Part& part,
                      std::size_t keys,
                      OpenedSource& sums);

/// Whether a name is one by which DuckDB gives the place of a row.
bool has_taken_name(std::span<const std::string> names);

/// Files of the same columns, of all files of a source.
SourcePart parquet_part(const std::vector<std::string>& group,
                        const std::vector<std::string>& all,
                        bool hive,
                        std::vector<SourceColumn> columns);

/// The columns that a FROM yields.
Result<std::vector<SourceColumn>> describe(Connection& connection, const std::string& from);

}  // namespace provender::offline

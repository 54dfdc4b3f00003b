#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "offline/duckdb/kernel_sinks.hpp"
#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/page_readers.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/duckdb/row_progress.hpp"

namespace provender::offline {

/// Hands rows of Parquet files to the kernel, page by page, without DuckDB: of the first pass
/// entities and times, of the second the features of rows that win. Confined to one thread.
class PageScan {
 public:
  struct Request {
    const PageFiles& files;
    const ProjectFiles& names;  ///< for messages
    PageReaders& readers;
    RowProgress& progress;
    std::stop_token stop;
  };
  /// All must outlive it.
  explicit PageScan(const Request& request) : request_(request), readers_(request.readers) {}

  /// Consecutive row groups of one file, among all files of the source.
  struct Rows {
    std::size_t file = 0;
    PageFile::Rows rows;
    /// Nothing is wrong with a row that nobody asks for: its times need not be looked at.
    bool is_flawless = false;
  };

  using Columns = std::span<const SourceRelation::Column* const>;
  /// `columns`: keys, event timestamp, [created timestamp]. Errors name file and column; what does
  /// not convert is lost_value().
  Result<> find_winners(const Rows& rows, Columns columns, JoinSink& sink);

  /// The features of a view, and what they are for.
  struct ViewFeatures {
    std::vector<const SourceRelation::Column*> columns;
    const FeatureSink::View& view;
  };
  /// Reads one column after the other: what is unpacked does not grow with their number.
  Result<> read_features(const Rows& rows, std::span<const ViewFeatures> views);

 private:
  struct Opened;
  /// Winners of a row group.
  struct Winners {
    std::span<const std::int64_t> rows;
    std::int64_t first_row;  ///< of the row group
    std::size_t place;       ///< of the first winner
  };
  Result<> read_winners(Opened& opened, std::size_t row_group, const ViewFeatures& features);
  Result<> read_column(const Winners& winners, pit::ValueStore& store);

  Request request_;
  std::vector<std::uint32_t> places_;
  TakenReaders readers_;
};

}  // namespace provender::offline

#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>

#include "offline/duckdb/source_groups.hpp"
#include "offline/duckdb/staged_sources.hpp"

namespace provender::offline {

struct OpenRequest {
  Connection& connection;
  const ProjectFiles& files;
  const Definitions& definitions;
  const Selection& selection;
  StagedSources& staged;
  /// Parquet is read without DuckDB as far as that can be done with pages that take so much;
  /// nullopt: DuckDB reads it.
  std::optional<std::size_t> most_page_bytes;
  std::stop_token stop;
};
/// Plans how a group is read. CSV and SQL are staged, tied rows of SQL in the order that decides
/// between them. Errors name the view, and are those of SourceReader::open.
Result<> open_group(const OpenRequest& request, SourceGroup& group);

}  // namespace provender::offline

#pragma once

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/page_files.hpp"
#include "offline/duckdb/page_readers.hpp"

namespace provender::offline {

/// About how many bytes a value of `column`, a feature of `type`, has outside of its cell
/// (pit::ValueStore), by some rows of the part that it is in: of their pages where these can be
/// read. Of a type that has none: 0.
std::uint64_t sampled_value_bytes(Connection& connection,
                                  const PageFiles& pages,
                                  PageReaders& readers,
                                  const SourceRelation::Part& part,
                                  const SourceRelation::Column& column,
                                  Type type);

}  // namespace provender::offline

#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/definitions.hpp"
#include "offline/conversion.hpp"
#include "offline/offline_store.hpp"

/// From what a source has (files or a SELECT, columns of any type) to what the point-in-time
/// queries read: one relation whose columns have fixed names and the declared types. Text in, text
/// out.
namespace provender::offline {

/// What can be read in one scan: files of the same column types, or a staged table.
struct SourcePart {
  std::string from;                   ///< what stands behind FROM
  std::vector<std::string> files;     ///< Parquet: those that it reads, in path order
  bool hive = false;                  ///< Parquet: key=value folders are columns
  std::vector<SourceColumn> columns;  ///< what it yields
  std::string position;               ///< BIGINT expression: ingest order among all parts
  std::string place;                  ///< VARCHAR expression for messages: "data/a.parquet, row 17"
  std::string name = "the source";    ///< for messages
};

struct SourceShape {
  std::vector<SourcePart> parts;  ///< at least one
  bool ties_by_features = false;  ///< rows have no position (SQL): the declared features decide
};

/// The columns of the relation: k0, k1, … the join keys; ts and created, BIGINT microseconds;
/// o the ingest order; f0, f1, … the features by their place in the view.
struct SourceRelation {
  /// One column's conversion, in one part.
  struct Column {
    std::string name;    ///< "k0", "ts", "f3"
    std::string source;  ///< the source's column
    std::string native_type;
    std::string wanted;  ///< "int64", "an event timestamp"
    Conversion conversion;
  };
  struct Part {
    SourcePart source;
    std::vector<Column> columns;  ///< keys, ts, [created], features
  };
  std::vector<Part> parts;
  std::size_t keys = 0;
  std::vector<std::size_t> features;  ///< places of those that are read
  bool ties_by_features = false;
  bool has_created = false;
};

/// A column to be read.
struct ColumnRequest {
  std::string name;                   ///< "k0", "ts", "f3"
  std::string source;                 ///< the column of the source or spine
  std::string wanted;                 ///< for messages: "join key 'user_id' (int64)"
  std::optional<Type> type;           ///< nullopt: BIGINT microseconds of a timestamp
  std::optional<TimestampUnit> unit;  ///< of integer timestamps
};

/// Plans how `columns` are read from `part`. InvalidArgument names a column that is missing (with
/// the nearest name) or of a type that never fits.
Result<SourceRelation::Part> plan_part(std::span<const ColumnRequest> columns,
                                       const SourcePart& part);

struct RelationRequest {
  const FeatureView& view;
  std::span<const JoinKey> keys;          ///< types resolved
  std::span<const std::size_t> features;  ///< places in view.features of those that are asked
};

/// The columns that a request asks a source for.
std::vector<std::string> source_columns(const RelationRequest& request);

/// Plans how the view's columns are read; fails as plan_part.
Result<SourceRelation> plan_relation(const RelationRequest& request, const SourceShape& shape);

/// A SELECT of the rows that have key and event timestamp. Without `all`, features are left out.
std::string compile_relation(const SourceRelation& relation, bool with_features);

/// A SELECT of one row of BIGINTs: rows, rows without key or event timestamp, about how many
/// different keys, then per column that may lose something the number of values that would.
std::string compile_profile(const SourceRelation::Part& part, std::size_t keys);

/// The columns that compile_profile counts, in its order.
std::vector<const SourceRelation::Column*> checked_columns(const SourceRelation::Part& part);

/// Whether a value of `column` does not convert without loss: a BOOLEAN expression.
std::string is_lost(const SourceRelation::Column& column);

/// A SELECT of the first value of `column` that does not convert: its place and the value as text.
std::string compile_offender(const SourceRelation::Part& part,
                             const SourceRelation::Column& column);

/// Where an order has the winner.
enum class Best : std::uint8_t { First, Last };

/// What decides between rows of one key and event timestamp: an ORDER BY list.
std::string tie_order(const SourceRelation& relation,
                      const FeatureView& view,
                      Best best = Best::First);

/// "k0, k1", each behind `prefix`.
std::string key_list(std::size_t keys, std::string_view prefix = {});

/// "a.k0 = b.k0 AND a.k1 = b.k1"
std::string keys_equal(std::size_t keys, std::string_view left, std::string_view right);

}  // namespace provender::offline

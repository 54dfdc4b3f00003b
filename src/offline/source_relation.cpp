#include "offline/source_relation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

const SourceColumn* find_column(const SourcePart& part, std::string_view name) {
  auto found = std::ranges::find(part.columns, name, &SourceColumn::name);
  return found == part.columns.end() ? nullptr : &*found;
}

Error no_column(const ColumnRequest& request, const SourcePart& part) {
  std::vector<std::string> names;
  for (const SourceColumn& column : part.columns) {
    names.push_back(column.name);
  }
  return Error(ErrorCode::InvalidArgument,
               fmt::format("{} has no column '{}' for {}{}; it has {}",
                           part.name,
                           request.source,
                           request.wanted,
                           did_you_mean(request.source, names),
                           names.empty() ? "none" : join_words(names)));
}

/// What to do about a type that never fits.
std::string_view advice(const NativeType& native, const ColumnRequest& request) {
  const bool is_timestamp = !request.type || request.type->kind == Kind::Timestamp;
  if (native.kind == NativeKind::Integer && is_timestamp) {
    return request.type ? "" : ": declare its unit (timestamp_unit: s, ms, us or ns)";
  }
  if (native.kind == NativeKind::Varchar && is_timestamp) {
    return ": text is not read as a time: CAST it in a SQL source, or write it as a TIMESTAMP";
  }
  if (native.kind == NativeKind::Decimal) return ": a SQL source can CAST it, e.g. to DOUBLE";
  return "";
}

std::vector<ColumnRequest> columns_of(const RelationRequest& request,
                                      std::span<const std::size_t> features) {
  const Source& source = request.view.source;
  std::vector<ColumnRequest> out;
  for (std::size_t i = 0; i < request.keys.size(); ++i) {
    const JoinKey& key = request.keys[i];
    out.push_back({.name = fmt::format("k{}", i),
                   .source = source.column(key.name),
                   .wanted = fmt::format("join key '{}' ({})", key.name, to_string(*key.type)),
                   .type = key.type,
                   .unit = {}});
  }
  out.push_back({.name = "ts",
                 .source = source.event_timestamp,
                 .wanted = "the event timestamp",
                 .type = {},
                 .unit = source.timestamp_unit});
  if (source.created_timestamp) {
    out.push_back({.name = "created",
                   .source = *source.created_timestamp,
                   .wanted = "the created timestamp",
                   .type = {},
                   .unit = source.timestamp_unit});
  }
  for (const std::size_t i : features) {
    const Feature& feature = request.view.features[i];
    out.push_back(
        {.name = fmt::format("f{}", i),
         .source = source.column(feature.name),
         .wanted = fmt::format("feature '{}' ({})", feature.name, to_string(feature.type)),
         .type = feature.type,
         .unit = {}});
  }
  return out;
}

/// Rows without key or event timestamp are no value.
std::string has_no_value(const SourceRelation::Part& part, std::size_t keys) {
  std::vector<std::string> nulls;
  for (std::size_t i = 0; i <= keys; ++i) {  // the keys, then ts
    nulls.push_back(sql::identifier(part.columns[i].source) + " IS NULL");
  }
  return sql::join(nulls, " OR ");
}

/// DuckDB 1.5.5 loses rows where a BLOB column of a Parquet file with bloom filters is compared
/// with a value that is not ASCII. A comparison with an expression is not handed to the Parquet
/// reader.
std::string unfiltered(const SourceRelation::Column& column) {
  const bool is_blob_key = column.name.starts_with('k') && column.native_type == "BLOB";
  return is_blob_key ? fmt::format("({} || ''::BLOB)", column.conversion.value)
                     : column.conversion.value;
}

std::string compile_part(const SourceRelation& relation,
                         const SourceRelation::Part& part,
                         bool with_features) {
  std::vector<std::string> items;
  for (const SourceRelation::Column& column : part.columns) {
    if (!with_features && column.name.starts_with('f')) continue;
    items.push_back(fmt::format("{} AS {}", unfiltered(column), column.name));
  }
  if (!relation.has_created) items.emplace_back("CAST(NULL AS BIGINT) AS created");
  items.push_back(part.source.position + " AS o");
  return fmt::format("SELECT {} FROM {} WHERE NOT ({})",
                     sql::join(items, ", "),
                     part.source.from,
                     has_no_value(part, relation.keys));
}

}  // namespace

Result<SourceRelation::Part> plan_part(std::span<const ColumnRequest> columns,
                                       const SourcePart& part) {
  SourceRelation::Part out{.source = part, .columns = {}};
  for (const ColumnRequest& request : columns) {
    const SourceColumn* column = find_column(part, request.source);
    if (column == nullptr) return no_column(request, part);
    const NativeType native = parse_native_type(column->native_type);
    const std::string expression = sql::identifier(request.source);
    auto conversion = request.type ? convert(native, *request.type, expression)
                                   : convert_timestamp(native, request.unit, expression);
    if (!conversion) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("column '{}' of {} is {}, which does not fit {}{}",
                               request.source,
                               part.name,
                               column->native_type,
                               request.wanted,
                               advice(native, request)));
    }
    out.columns.push_back({.name = request.name,
                           .source = request.source,
                           .native_type = column->native_type,
                           .wanted = request.wanted,
                           .conversion = *std::move(conversion)});
  }
  return out;
}

std::vector<std::string> source_columns(const RelationRequest& request) {
  std::vector<std::string> out;
  for (ColumnRequest& column : columns_of(request, request.features)) {
    out.push_back(std::move(column.source));
  }
  return out;
}

Result<SourceRelation> plan_relation(const RelationRequest& request, const SourceShape& shape) {
  for (const JoinKey& key : request.keys) {
    if (!key.type) {
      return Error(ErrorCode::FailedPrecondition,
                   fmt::format("join key '{}' has no type yet", key.name));
    }
  }
  SourceRelation out{.parts = {},
                     .keys = request.keys.size(),
                     .features = {request.features.begin(), request.features.end()},
                     .ties_by_features = shape.ties_by_features,
                     .has_created = request.view.source.created_timestamp.has_value()};
  if (shape.ties_by_features) {
    out.features.resize(request.view.features.size());
    std::ranges::generate(out.features, [next = std::size_t{0}]() mutable { return next++; });
  }
  const std::vector<ColumnRequest> columns = columns_of(request, out.features);
  for (const SourcePart& part : shape.parts) {
    PROVENDER_ASSIGN(auto planned, plan_part(columns, part));
    out.parts.push_back(std::move(planned));
  }
  return out;
}

std::string compile_relation(const SourceRelation& relation, bool with_features) {
  std::vector<std::string> selects;
  for (const SourceRelation::Part& part : relation.parts) {
    selects.push_back(compile_part(relation, part, with_features));
  }
  return sql::join(selects, " UNION ALL BY NAME ");
}

std::string is_lost(const SourceRelation::Column& column) {
  return fmt::format("{} IS NOT NULL AND NOT coalesce({}, false)",
                     sql::identifier(column.source),
                     column.conversion.is_exact);
}

std::vector<const SourceRelation::Column*> checked_columns(const SourceRelation::Part& part) {
  std::vector<const SourceRelation::Column*> out;
  for (const SourceRelation::Column& column : part.columns) {
    if (!column.conversion.is_exact.empty()) out.push_back(&column);
  }
  return out;
}

std::string compile_profile(const SourceRelation::Part& part, std::size_t keys) {
  std::vector<std::string> key_columns;
  for (std::size_t i = 0; i < keys; ++i) {
    key_columns.push_back(sql::identifier(part.columns[i].source));
  }
  std::vector<std::string> items = {
      "count(*)",
      fmt::format("count(*) FILTER (WHERE {})", has_no_value(part, keys)),
      fmt::format("approx_count_distinct(hash({}))", sql::join(key_columns, ", "))};
  for (const SourceRelation::Column* column : checked_columns(part)) {
    items.push_back(fmt::format("count(*) FILTER (WHERE {})", is_lost(*column)));
  }
  return fmt::format("SELECT {} FROM {}", sql::join(items, ", "), part.source.from);
}

std::string compile_offender(const SourceRelation::Part& part,
                             const SourceRelation::Column& column) {
  // DuckDB cannot print a time out of range, which a file may hold.
  return fmt::format(
      "SELECT {}, coalesce(TRY(CAST({} AS VARCHAR)), 'a time out of range') FROM {} "
      "WHERE {} ORDER BY {} LIMIT 1",
      part.source.place,
      sql::identifier(column.source),
      part.source.from,
      is_lost(column),
      part.source.position);
}

namespace {

/// A total order of one feature's values, greatest first, null last, or the reverse: DuckDB's own
/// comparison holds -0.0 equal to 0.0, and nulls in lists greatest. A float is never ordered by
/// itself: the sort gives back what it ordered by, with every -0.0 made 0.0.
std::string value_order(Type type, const std::string& column, Best best) {
  const std::string_view falling = best == Best::First ? "DESC NULLS LAST" : "ASC NULLS FIRST";
  const std::string_view rising = best == Best::First ? "ASC" : "DESC";
  const bool is_float = type.kind == Kind::Float32 || type.kind == Kind::Float64;
  if (type.is_list) {
    const std::string_view sign = is_float ? ", s := NOT signbit(x)" : "";
    return fmt::format("list_transform({}, lambda x: struct_pack(n := x IS NOT NULL, v := x{})) {}",
                       column,
                       sign,
                       falling);
  }
  if (!is_float) return fmt::format("{} {}", column, falling);
  return fmt::format(
      "{0} IS NOT NULL {1}, list_value({0}) {1}, signbit({0}) {2}", column, falling, rising);
}

}  // namespace

std::string tie_order(const SourceRelation& relation, const FeatureView& view, Best best) {
  const std::string_view falling = best == Best::First ? "DESC NULLS LAST" : "ASC NULLS FIRST";
  std::string out = fmt::format("created {}", falling);
  if (!relation.ties_by_features) return fmt::format("{}, o {}", out, falling);
  for (const std::size_t i : relation.features) {
    out += ", " + value_order(view.features[i].type, fmt::format("f{}", i), best);
  }
  return out;
}

std::string key_list(std::size_t keys, std::string_view prefix) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < keys; ++i) {
    out.push_back(fmt::format("{}k{}", prefix, i));
  }
  return sql::join(out, ", ");
}

std::string keys_equal(std::size_t keys, std::string_view left, std::string_view right) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < keys; ++i) {
    out.push_back(fmt::format("{0}.k{2} = {1}.k{2}", left, right, i));
  }
  return sql::join(out, " AND ");
}

}  // namespace provender::offline

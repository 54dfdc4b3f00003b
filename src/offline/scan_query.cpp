#include "offline/scan_query.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

/// A column of microseconds that needs no conversion at all.
bool is_plain_time(const SourceRelation::Column& column) {
  if (column.name != "ts" && column.name != "created") return false;
  const NativeType native = parse_native_type(column.native_type);
  return !native.is_list &&
         (native.kind == NativeKind::Timestamp || native.kind == NativeKind::TimestampZoned);
}

std::string value_of(const SourceRelation::Column& column) {
  if (is_plain_time(column)) return sql::identifier(column.source);
  if (column.conversion.is_exact.empty()) return column.conversion.value;
  // A plain cast would fail where the value does not fit.
  return fmt::format(
      "CASE WHEN {} THEN {} END", column.conversion.is_exact, column.conversion.value);
}

bool may_lose(const SourceRelation::Column& column) {
  return !column.conversion.is_exact.empty() && !is_plain_time(column);
}

}  // namespace

std::string parquet_scan(std::span<const std::string> files, bool hive) {
  return fmt::format("read_parquet({}, hive_partitioning = {}{}, filename = '__file')",
                     sql::literal_list(files),
                     hive,
                     hive ? ", hive_types_autocast = false" : "");
}

bool may_lose(const ScanQuery& query) {
  return std::ranges::any_of(query.columns, [](const auto* column) { return may_lose(*column); });
}

std::string compile_scan(const ScanQuery& query) {
  std::vector<std::string> arguments = {query.row};
  std::vector<std::string> lost;
  for (const SourceRelation::Column* column : query.columns) {
    arguments.push_back(value_of(*column));
    if (may_lose(*column)) lost.push_back(fmt::format("({})", is_lost(*column)));
  }
  if (!lost.empty()) arguments.push_back(sql::join(lost, " OR "));
  std::vector<std::string> conditions;
  if (!query.where.empty()) conditions.push_back(query.where);
  if (!query.choice.empty()) {
    conditions.push_back(
        fmt::format("{}({})", query.choice, query.chosen_by.empty() ? query.row : query.chosen_by));
  }
  return fmt::format("SELECT count({}({})) FROM {}{}{}",
                     query.function,
                     sql::join(arguments, ", "),
                     query.from,
                     conditions.empty() ? "" : " WHERE ",
                     sql::join(conditions, " AND "));
}

}  // namespace provender::offline

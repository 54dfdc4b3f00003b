#include "offline/duckdb/value_sizes.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "offline/scan_query.hpp"
#include "offline/sql_text.hpp"
#include "pit/values.hpp"

namespace provender::offline {
namespace {

constexpr int kRows = 2048;
/// Where nothing can be read, whose reason the join will say.
constexpr std::uint64_t kUnknown = 64;

/// The bytes of one text that lie elsewhere.
std::string text_bytes(Kind kind, const std::string& value) {
  const std::string length =
      fmt::format("{}({})", kind == Kind::String ? "strlen" : "octet_length", value);
  return fmt::format("CASE WHEN {0} > {1} THEN {0} ELSE 0 END", length, pit::Text::kInline);
}

std::string bytes_behind(Type type, const std::string& value) {
  if (!type.is_list) return text_bytes(type.kind, value);
  // One byte for each element's validity, filled up to words.
  std::string out = fmt::format("len({}) * {} + 8", value, pit::cell_width(type.kind) + 1);
  if (is_variable_length(type.kind)) {
    out += fmt::format(" + coalesce(list_sum(list_transform({}, lambda x: {})), 0)",
                       value,
                       text_bytes(type.kind, "x"));
  }
  return out;
}

}  // namespace

std::uint64_t sampled_value_bytes(Connection& connection,
                                  const SourceRelation::Part& part,
                                  const SourceRelation::Column& column,
                                  Type type) {
  if (!type.is_list && !is_variable_length(type.kind)) return 0;
  // The last file: what is written now is more like what comes than what was once.
  const auto& files = part.source.files;
  const std::string from = files.empty()
                               ? part.source.from
                               : parquet_scan(std::span(&files.back(), 1), part.source.hive);
  const auto rows = connection.query(
      fmt::format("SELECT CAST(ceil(avg({})) AS BIGINT) FROM (SELECT {} AS v FROM {} LIMIT {})",
                  bytes_behind(type, "v"),
                  column.conversion.value,
                  from,
                  kRows));
  if (!rows || (*rows)[0][0].is_null()) return kUnknown;
  return static_cast<std::uint64_t>(std::get<std::int64_t>((*rows)[0][0].storage));
}

}  // namespace provender::offline

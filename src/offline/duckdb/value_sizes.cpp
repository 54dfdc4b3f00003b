#include "offline/duckdb/value_sizes.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/scan_query.hpp"
#include "offline/sql_text.hpp"
#include "pit/values.hpp"

namespace provender::offline {
namespace {

constexpr std::size_t kRows = 2048;
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

/// Of texts, the bytes of a row that lie elsewhere, by the first rows of a page.
Result<std::uint64_t> mean_text_bytes(parquet::ChunkReader& reader) {
  PROVENDER_ASSIGN(const std::size_t ready, reader.ready());
  const std::size_t rows = std::min(ready, kRows);
  PROVENDER_ASSIGN(const ColumnView texts, reader.read(rows));
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    if (texts.is_null(i)) continue;
    const std::size_t size = texts.at<std::string_view>(i).size();
    if (size > pit::Text::kInline) sum += size;
  }
  return (sum + rows - 1) / rows;
}

/// nullopt: the rows of the part are not in pages that can be read.
std::optional<std::uint64_t> sampled_text_bytes(const PageFiles& pages,
                                                PageReaders& readers,
                                                const SourceRelation::Part& part,
                                                const SourceRelation::Column& column) {
  if (part.source.files.empty() || !pages.can_read(part, {&column})) return std::nullopt;
  const std::string& path = part.source.files.back();
  const PageFile& page_file = pages.file(*pages.find(path));
  const auto group = std::ranges::find_if(page_file.footer.row_groups,
                                          [](const auto& some) { return some.rows > 0; });
  const auto file = parquet::File::open(path);
  if (!file || group == page_file.footer.row_groups.end()) return std::nullopt;
  TakenReaders taken(readers);
  parquet::ChunkReader& reader = *taken.want(1)[0];
  const auto place = static_cast<std::size_t>(group - page_file.footer.row_groups.begin());
  if (!PageFiles::open(reader, *file, page_file, place, column)) return std::nullopt;
  const auto bytes = mean_text_bytes(reader);
  return bytes ? std::optional(*bytes) : std::nullopt;
}

}  // namespace

std::uint64_t sampled_value_bytes(Connection& connection,
                                  const PageFiles& pages,
                                  PageReaders& readers,
                                  const SourceRelation::Part& part,
                                  const SourceRelation::Column& column,
                                  Type type) {
  if (!type.is_list && !is_variable_length(type.kind)) return 0;
  if (const auto bytes = sampled_text_bytes(pages, readers, part, column)) return *bytes;
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

#include "offline/duckdb/result_columns.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/duckdb/page_readers.hpp"

namespace provender::offline {
namespace {

parquet::Physical physical_of(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return parquet::Physical::Bool;
    case Kind::Int32:
      return parquet::Physical::Int32;
    case Kind::Int64:
    case Kind::Timestamp:
      return parquet::Physical::Int64;
    case Kind::Float32:
      return parquet::Physical::Float;
    case Kind::Float64:
      return parquet::Physical::Double;
    case Kind::String:
    case Kind::Bytes:
      break;
  }
  return parquet::Physical::Bytes;
}

/// Calls `take(first, rows)` for some thousand rows after the other, where rows are counted from
/// the first that was answered.
template <class Take>
Result<> in_steps(const AnsweredRows& answered, RowsOfSpine rows, Take take) {
  const std::uint64_t end = rows.end - answered.rows.begin;
  for (std::uint64_t first = rows.begin - answered.rows.begin; first < end;) {
    const std::uint64_t some = std::min<std::uint64_t>(end - first, kRowsTogether);
    PROVENDER_TRY(take(first, some));
    first += some;
  }
  return {};
}

}  // namespace

parquet::Column result_column(std::string name, Type type) {
  return {.name = std::move(name), .physical = physical_of(type.kind), .type = type};
}

Result<parquet::WrittenChunk> ResultColumns::copy_spine(const parquet::File& file,
                                                        const PageFile& page_file,
                                                        std::size_t column,
                                                        RowsOfSpine rows) {
  const parquet::Footer& footer = page_file.footer;
  writer_.begin(footer.columns[column]);
  for (std::size_t group = 0; group < page_file.ends.size(); ++group) {
    const std::int64_t begin = page_file.begin(group);
    const auto first = std::max(begin, static_cast<std::int64_t>(rows.begin));
    const auto end = std::min(page_file.ends[group], static_cast<std::int64_t>(rows.end));
    if (first >= end) continue;
    PROVENDER_TRY(
        reader_.open(file, footer.columns[column], *footer.row_groups[group].chunks[column]));
    reader_.skip(static_cast<std::size_t>(first - begin));
    for (std::int64_t row = first; row < end;) {
      if (stop_.stop_requested()) return stopped();
      PROVENDER_ASSIGN(const std::size_t ready, reader_.ready());
      const std::size_t some =
          std::min({static_cast<std::size_t>(end - row), ready, kRowsTogether});
      PROVENDER_ASSIGN(const ColumnView values, reader_.read(some));
      PROVENDER_TRY(writer_.add(values));
      row += static_cast<std::int64_t>(some);
    }
  }
  return writer_.finish();
}

ColumnView ResultColumns::gather(const pit::AnswerCells& cells,
                                 Type type,
                                 std::size_t first,
                                 std::size_t rows) {
  const std::size_t width = pit::cell_width(type.kind);
  validity_.assign((rows + 63) / 64, ~std::uint64_t{0});
  cells_.resize(rows * width);
  bool has_nulls = false;
  const auto row_of = [first](std::size_t i) { return first + i; };
  const auto mark_null = [&](std::size_t i) {
    validity_[i / 64] &= ~(std::uint64_t{1} << (i % 64));
    has_nulls = true;
  };
  const auto copy = [&]<std::size_t Width>() {
    cells.copy<Width>(rows, row_of, cells_.data(), mark_null);
  };
  ColumnView out{.type = type, .size = rows, .validity = nullptr, .data = cells_.data()};
  switch (width) {
    case 1:
      copy.operator()<1>();
      break;
    case 4:
      copy.operator()<4>();
      break;
    case 8:
      copy.operator()<8>();
      break;
    default:
      copy.operator()<sizeof(pit::Text)>();
      break;
  }
  if (has_nulls) out.validity = validity_.data();
  if (!is_variable_length(type.kind)) return out;
  // Short texts lie in their cells, and are valid as long as these.
  const auto* const found = reinterpret_cast<const pit::Text*>(cells_.data());
  texts_.resize(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    texts_[i] = out.is_null(i) ? std::string_view() : found[i].view();
  }
  out.data = texts_.data();
  return out;
}

Result<parquet::WrittenChunk> ResultColumns::write_values(const parquet::Column& column,
                                                          const AnsweredRows& answered,
                                                          const AnsweredFeature& feature,
                                                          RowsOfSpine rows) {
  const pit::AnswerCells cells(*feature.answers, *feature.values);
  writer_.begin(column);
  PROVENDER_TRY(in_steps(answered, rows, [&](std::size_t first, std::size_t some) -> Result<> {
    if (stop_.stop_requested()) return stopped();
    return writer_.add(gather(cells, feature.type, first, some));
  }));
  return writer_.finish();
}

Result<parquet::WrittenChunk> ResultColumns::write_status(const parquet::Column& column,
                                                          const AnsweredRows& answered,
                                                          const AnsweredFeature& feature,
                                                          RowsOfSpine rows) {
  const pit::AnswerCells cells(*feature.answers, *feature.values);
  writer_.begin(column);
  PROVENDER_TRY(in_steps(answered, rows, [&](std::size_t first, std::size_t some) -> Result<> {
    if (stop_.stop_requested()) return stopped();
    texts_.resize(some);
    for (std::size_t i = 0; i < some; ++i) {
      texts_[i] = to_string(cells.status(cells.place(first + i)));
    }
    return writer_.add({.type = column.type, .size = some, .data = texts_.data()});
  }));
  return writer_.finish();
}

}  // namespace provender::offline

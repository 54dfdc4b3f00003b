#include "offline/duckdb/result_columns.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/duckdb/page_readers.hpp"

namespace provender::offline {

Result<parquet::WrittenChunk> ResultColumns::copy_spine(const parquet::File& file,
                                                        const PageFile& page_file,
                                                        std::size_t column,
                                                        RowsOfSpine rows) {
  const parquet::Footer& footer = page_file.footer;
  writer_.begin(footer.columns[column]);
  for (const PageFile::Stretch& stretch : page_file.stretches(rows.of_file())) {
    const parquet::Footer::RowGroup& group = footer.row_groups[stretch.row_group];
    PROVENDER_TRY(reader_.open(file, footer.columns[column], *group.chunks[column]));
    reader_.skip(stretch.skipped);
    PROVENDER_TRY(copy_rows(static_cast<std::size_t>(stretch.rows.end - stretch.rows.begin),
                            is_variable_length(footer.columns[column].type.kind)));
  }
  return writer_.finish();
}

Result<> ResultColumns::copy_rows(std::size_t rows, bool are_texts) {
  bool has_entries = false;
  while (rows > 0) {
    if (stop_.stop_requested()) return stopped();
    PROVENDER_ASSIGN(const std::size_t ready, reader_.ready());
    const std::size_t some = std::min({rows, ready, kRowsTogether});
    rows -= some;
    if (!are_texts || !reader_.has_dictionary()) {
      PROVENDER_ASSIGN(const ColumnView values, reader_.read(some));
      PROVENDER_TRY(writer_.add(values));
      continue;
    }
    if (!has_entries) writer_.set_entries(reader_.dictionary());
    has_entries = true;
    PROVENDER_ASSIGN(const parquet::Places places, reader_.read_places(some));
    PROVENDER_TRY(writer_.add_places(places));
  }
  return {};
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
  cells.copy(rows, row_of, cells_.data(), mark_null);
  ColumnView out{.type = type, .size = rows, .validity = nullptr, .data = cells_.data()};
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

template <class Give>
Result<parquet::WrittenChunk> ResultColumns::write(const parquet::Column& column,
                                                   const AnsweredRows& answered,
                                                   RowsOfSpine rows,
                                                   Give give) {
  writer_.begin(column);
  const std::uint64_t end = rows.end - answered.rows.begin;
  for (std::uint64_t first = rows.begin - answered.rows.begin; first < end;) {
    if (stop_.stop_requested()) return stopped();
    const std::uint64_t some = std::min<std::uint64_t>(end - first, kRowsTogether);
    PROVENDER_TRY(writer_.add(give(first, some)));
    first += some;
  }
  return writer_.finish();
}

Result<parquet::WrittenChunk> ResultColumns::write_values(const parquet::Column& column,
                                                          const AnsweredRows& answered,
                                                          const AnsweredFeature& feature,
                                                          RowsOfSpine rows) {
  const pit::AnswerCells cells(*feature.answers, *feature.values);
  return write(column, answered, rows, [&](std::size_t first, std::size_t some) {
    return gather(cells, feature.type, first, some);
  });
}

Result<parquet::WrittenChunk> ResultColumns::write_status(const parquet::Column& column,
                                                          const AnsweredRows& answered,
                                                          const AnsweredFeature& feature,
                                                          RowsOfSpine rows) {
  const pit::AnswerCells cells(*feature.answers, *feature.values);
  return write(column, answered, rows, [&](std::size_t first, std::size_t some) {
    texts_.resize(some);
    for (std::size_t i = 0; i < some; ++i) {
      texts_[i] = to_string(cells.status(cells.place(first + i)));
    }
    return ColumnView{.type = column.type, .size = some, .data = texts_.data()};
  });
}

}  // namespace provender::offline

#include "offline/duckdb/spine_pages.hpp"

#include <algorithm>
#include <vector>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "parquet/file.hpp"

namespace provender::offline {
namespace {

class SpinePages {
 public:
  SpinePages(const SpinePagesRequest& request, const parquet::File& file, SpineSink& sink)
      : request_(request),
        page_file_(request.pages.file(0)),
        file_(file),
        sink_(sink),
        taken_(request.readers),
        readers_(taken_.want(request.columns.size())),
        keys_(request.keys.size()),
        wide_keys_(request.keys.size()) {}

  Result<> read() {
    for (std::size_t group = 0; group < page_file_.ends.size(); ++group) {
      const std::int64_t begin = page_file_.begin(group);
      const auto first = std::max(begin, static_cast<std::int64_t>(request_.rows.begin));
      const auto end =
          std::min(page_file_.ends[group], static_cast<std::int64_t>(request_.rows.end));
      if (first >= end) continue;
      PROVENDER_TRY(open(group, first - begin));
      for (std::int64_t row = first; row < end;) {
        if (request_.stop.stop_requested()) return stopped();
        PROVENDER_ASSIGN(const std::size_t rows, read(row, static_cast<std::size_t>(end - row)));
        row += static_cast<std::int64_t>(rows);
        request_.progress.add(rows);
      }
    }
    return {};
  }

 private:
  Result<> open(std::size_t group, std::int64_t skipped) {
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      PROVENDER_TRY(PageFiles::open(*readers_[i], file_, page_file_, group, request_.columns[i]));
      readers_[i]->skip(static_cast<std::size_t>(skipped));
    }
    return {};
  }

  /// The next rows, up to `most`; how many.
  Result<std::size_t> read(std::int64_t first_row, std::size_t most) {
    PROVENDER_ASSIGN(const std::size_t rows, rows_ready(readers_, std::min(most, kRowsTogether)));
    for (std::size_t k = 0; k < keys_.size(); ++k) {
      PROVENDER_ASSIGN(const ColumnView key, readers_[k]->read(rows));
      keys_[k] = with_type(key, k);
    }
    PROVENDER_ASSIGN(const ColumnView time, readers_.back()->read(rows));
    PROVENDER_ASSIGN(
        const std::int64_t* const times,
        times_of(static_cast<const std::int64_t*>(time.data), time.validity, rows, times_));
    row_numbers_.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      row_numbers_[i] = first_row + static_cast<std::int64_t>(i);
    }
    PROVENDER_TRY(sink_.take(
        {.rows = rows, .row_numbers = row_numbers_.data(), .keys = keys_, .times = times}));
    return rows;
  }

  /// As it is asked for: numbers of 32 bits may be keys of 64.
  ColumnView with_type(const ColumnView& key, std::size_t k) {
    const Type type = *request_.keys[k].type;
    if (key.type == type) return key;
    const auto* const numbers = static_cast<const std::int32_t*>(key.data);
    wide_keys_[k].assign(numbers, numbers + key.size);
    return {.type = type, .size = key.size, .validity = key.validity, .data = wide_keys_[k].data()};
  }

  const SpinePagesRequest& request_;
  const PageFile& page_file_;
  const parquet::File& file_;
  SpineSink& sink_;
  TakenReaders taken_;
  TakenReaders::Readers readers_;
  std::vector<ColumnView> keys_;
  std::vector<std::vector<std::int64_t>> wide_keys_;
  std::vector<std::int64_t> times_;
  std::vector<std::int64_t> row_numbers_;
};

}  // namespace

Result<> read_spine_pages(const SpinePagesRequest& request, SpineSink& sink) {
  PROVENDER_ASSIGN(const auto file, parquet::File::open(request.pages.name(0)));
  return SpinePages(request, file, sink).read();
}

}  // namespace provender::offline

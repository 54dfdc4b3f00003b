#include "offline/duckdb/spine_pages.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "parquet/file.hpp"

namespace provender::offline {
namespace {

/// Reads some columns of the spine's rows together. Confined to one thread.
class SpineColumns {
 public:
  using Columns = std::span<const SourceRelation::Column>;
  SpineColumns(const SpinePagesRequest& request, const parquet::File& file, Columns columns)
      : request_(request),
        columns_(columns),
        page_file_(request.pages.file(0)),
        file_(file),
        taken_(request.readers),
        readers_(taken_.want(columns.size())) {}

  /// Hands them to `take`, some thousand rows after the other: where they stand, and the columns.
  template <class Take>
  Result<> read(Take take) {
    std::vector<ColumnView> columns(columns_.size());
    for (const PageFile::Stretch& stretch : page_file_.stretches(request_.rows.of_file())) {
      PROVENDER_TRY(open(stretch));
      const auto [first, end] = stretch.rows;
      for (std::int64_t row = first; row < end;) {
        if (request_.stop.stop_requested()) return stopped();
        const auto most = std::min(static_cast<std::size_t>(end - row), kRowsTogether);
        PROVENDER_ASSIGN(const std::size_t rows, rows_ready(readers_, most));
        for (std::size_t i = 0; i < columns.size(); ++i) {
          PROVENDER_ASSIGN(columns[i], readers_[i]->read(rows));
        }
        PROVENDER_TRY(take(SpineSink::Rows{.count = rows, .first = row}, columns));
        row += static_cast<std::int64_t>(rows);
      }
    }
    return {};
  }

 private:
  Result<> open(const PageFile::Stretch& stretch) {
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      PROVENDER_TRY(
          PageFiles::open(*readers_[i], file_, page_file_, stretch.row_group, columns_[i]));
      readers_[i]->skip(stretch.skipped);
    }
    return {};
  }

  const SpinePagesRequest& request_;
  Columns columns_;
  const PageFile& page_file_;
  const parquet::File& file_;
  TakenReaders taken_;
  TakenReaders::Readers readers_;
};

/// As it is asked for: numbers of 32 bits may be keys of 64, which are put into `wide`.
ColumnView with_type(const ColumnView& key, Type type, std::vector<std::int64_t>& wide) {
  if (key.type == type) return key;
  const auto* const numbers = static_cast<const std::int32_t*>(key.data);
  wide.assign(numbers, numbers + key.size);
  return {.type = type, .size = key.size, .validity = key.validity, .data = wide.data()};
}

Result<> read_keys(const SpinePagesRequest& request, const parquet::File& file, SpineSink& sink) {
  const std::size_t keys = request.keys.size();
  std::vector<std::vector<std::int64_t>> wide(keys);
  return SpineColumns(request, file, request.columns.first(keys))
      .read([&](const SpineSink::Rows& rows, std::span<ColumnView> columns) {
        for (std::size_t k = 0; k < keys; ++k) {
          columns[k] = with_type(columns[k], *request.keys[k].type, wide[k]);
        }
        request.progress.add(rows.count);
        return sink.take_keys(rows, columns);
      });
}

/// `is_over`: nobody needs them any more.
Result<> read_times(const SpinePagesRequest& request,
                    const parquet::File& file,
                    const std::atomic<bool>& is_over,
                    SpineSink& sink) {
  std::vector<std::int64_t> buffer;
  return SpineColumns(request, file, request.columns.last(1))
      .read([&](const SpineSink::Rows& rows, std::span<const ColumnView> columns) -> Result<> {
        if (is_over) return stopped();
        const auto* const from = static_cast<const std::int64_t*>(columns[0].data);
        PROVENDER_ASSIGN(const std::int64_t* const times,
                         times_of(from, columns[0].validity, rows.count, buffer));
        return sink.take_times(rows, times);
      });
}

}  // namespace

Result<> read_spine_pages(const SpinePagesRequest& request, SpineSink& sink) {
  PROVENDER_ASSIGN(const auto file, parquet::File::open(request.pages.name(0)));
  Result<> keys;
  Result<> times;
  std::atomic<bool> is_over = false;
  request.threads.run(2, [&](std::size_t part) {
    if (part == 0) {
      keys = read_keys(request, file, sink);
      if (!keys) is_over = true;
    } else {
      times = read_times(request, file, is_over, sink);
    }
  });
  PROVENDER_TRY(std::move(keys));  // what is wrong with keys is said first, whoever was faster
  return times;
}

}  // namespace provender::offline

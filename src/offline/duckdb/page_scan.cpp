#include "offline/duckdb/page_scan.hpp"

#include <algorithm>
#include <array>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/duckdb/page_keys.hpp"

namespace provender::offline {
namespace {

using parquet::ChunkReader;
using Readers = TakenReaders::Readers;

/// Event and created timestamps of rows.
class TimeReaders {
 public:
  explicit TimeReaders(Readers readers) : readers_(readers) {}

  void skip(std::size_t rows) {
    for (const auto& reader : readers_) {
      reader->skip(rows);
    }
  }

  /// Reads the next rows, up to `most`; how many.
  Result<std::size_t> read(std::size_t most) {
    PROVENDER_ASSIGN(const std::size_t rows, rows_ready(readers_, most));
    PROVENDER_ASSIGN(times_, read(0, rows));
    if (readers_.size() > 1) {
      PROVENDER_ASSIGN(created_, read(1, rows));
    }
    return rows;
  }

  const std::int64_t* times() const { return times_; }
  const std::int64_t* created() const { return created_; }
  bool may_have_nulls() const { return times_ == buffers_[0].data(); }

 private:
  Result<const std::int64_t*> read(std::size_t which, std::size_t rows) {
    PROVENDER_ASSIGN(const ColumnView column, readers_[which]->read(rows));
    return times_of(
        static_cast<const std::int64_t*>(column.data), column.validity, rows, buffers_[which]);
  }

  Readers readers_;
  std::array<std::vector<std::int64_t>, 2> buffers_;
  const std::int64_t* times_ = nullptr;
  const std::int64_t* created_ = nullptr;
};

/// Hands the rows of a row group on; the readers stand at its first.
class WinnerSearch {
 public:
  WinnerSearch(JoinSink& sink, PageKeys& keys, TimeReaders& times)
      : sink_(sink), keys_(keys), times_(times) {}

  /// The next rows from `first_row` on, at least one; how many. `may_skip`: times of rows that
  /// nobody asks for need not be read.
  Result<std::size_t> take(std::int64_t first_row, bool may_skip) {
    PROVENDER_ASSIGN(const std::size_t rows, keys_.ready());
    PROVENDER_TRY(keys_.find(rows));
    if (may_skip && keys_.nulls().empty() && !keys_.knows_any()) {
      times_.skip(rows);
      sink_.count(rows, 0);
      return rows;
    }
    for (std::size_t done = 0; done < rows;) {
      PROVENDER_ASSIGN(const std::size_t some, times_.read(rows - done));
      sink_.count(some, leave_out_nulls(done, some));
      sink_.take({.first_row = first_row + static_cast<std::int64_t>(done),
                  .rows = some,
                  .entities = keys_.entities(),
                  .first = done,
                  .times = times_.times(),
                  .created = times_.created()});
      done += some;
    }
    return rows;
  }

 private:
  /// How many rows have no key or no event timestamp.
  std::uint64_t leave_out_nulls(std::size_t first, std::size_t rows) {
    if (keys_.nulls().empty() && !times_.may_have_nulls()) return 0;
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const bool has_no_time = times_.times()[i] == pit::kNoTime;
      const bool has_no_key = !keys_.nulls().empty() && keys_.nulls()[first + i] != 0;
      out += has_no_time || has_no_key ? 1 : 0;
      if (!has_no_time) continue;
      for (auto& ids : keys_.entities()) {
        ids[first + i] = pit::kNoEntity;
      }
    }
    return out;
  }

  JoinSink& sink_;
  PageKeys& keys_;
  TimeReaders& times_;
};

}  // namespace

/// A file that is open, and what an error is said to be about.
struct PageScan::Opened {
  const PageScan& scan;
  std::size_t place;
  const PageFile& page_file;
  parquet::File file;

  static Result<Opened> open(const PageScan& scan, std::size_t place) {
    const PageFiles& files = scan.request_.files;
    const std::string& path = files.name(place);
    PROVENDER_ASSIGN(auto file, parquet::File::open(path, scan.request_.names.display(path)));
    return Opened{scan, place, files.file(place), std::move(file)};
  }

  Result<> open(ChunkReader& reader, std::size_t row_group, const SourceRelation::Column& column) {
    return PageFiles::open(reader, file, page_file, row_group, column);
  }

  /// With the file's name, if it is about what is in there.
  Error within(Error error) const {
    const bool names_file = error.code() == ErrorCode::Conflict || error.code() == ErrorCode::Io;
    const bool is_stop = error.code() == ErrorCode::Cancelled;
    if (names_file || is_stop || is_lost_value(error)) return error;
    const PageScan::Request& request = scan.request_;
    return std::move(error).within(request.names.display(request.files.name(place)));
  }
};

Result<> PageScan::find_winners(const Rows& rows, Columns columns, JoinSink& sink) {
  PROVENDER_ASSIGN(Opened opened, Opened::open(*this, rows.file));
  const std::size_t keys = static_cast<std::size_t>(
      std::ranges::find(columns, "ts", &SourceRelation::Column::name) - columns.begin());
  const Readers readers = readers_.want(columns.size());
  PageKeys lookup(sink, readers.first(keys));
  TimeReaders times(readers.subspan(keys, columns.size() - keys));
  WinnerSearch search(sink, lookup, times);
  const std::int64_t base = static_cast<std::int64_t>(rows.file) * kFileStride;
  for (const std::size_t group : opened.page_file.row_groups(rows.rows)) {
    if (opened.page_file.ends[group] == opened.page_file.begin(group)) continue;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      auto begun = opened.open(*readers[c], group, *columns[c]);
      if (!begun) return opened.within(std::move(begun).error());
    }
    lookup.forget_dictionary();
    const std::int64_t end = opened.page_file.ends[group];
    for (std::int64_t row = opened.page_file.begin(group); row < end;) {
      if (request_.stop.stop_requested()) return stopped();
      auto taken = search.take(base + row, rows.is_flawless);
      if (!taken) return opened.within(std::move(taken).error());
      request_.progress.add(*taken);
      row += static_cast<std::int64_t>(*taken);
    }
  }
  return {};
}

Result<> PageScan::read_features(const Rows& rows, std::span<const ViewFeatures> views) {
  PROVENDER_ASSIGN(Opened opened, Opened::open(*this, rows.file));
  for (const std::size_t group : opened.page_file.row_groups(rows.rows)) {
    for (const ViewFeatures& features : views) {
      auto read = read_winners(opened, group, features);
      if (!read) return opened.within(std::move(read).error());
    }
    request_.progress.add(
        static_cast<std::uint64_t>(opened.page_file.ends[group] - opened.page_file.begin(group)));
  }
  return {};
}

Result<> PageScan::read_winners(Opened& opened,
                                std::size_t row_group,
                                const ViewFeatures& features) {
  const std::int64_t base = static_cast<std::int64_t>(opened.place) * kFileStride;
  const std::int64_t first = base + opened.page_file.begin(row_group);
  const auto& all = features.view.answers.winners;
  const auto begin = std::ranges::lower_bound(all, first);
  const auto end = std::lower_bound(begin, all.end(), base + opened.page_file.ends[row_group]);
  const Winners winners{.rows = {begin, end},
                        .first_row = first,
                        .place = static_cast<std::size_t>(begin - all.begin())};
  for (std::size_t c = 0; c < features.columns.size() && begin != end; ++c) {
    PROVENDER_TRY(opened.open(*readers_.want(1)[0], row_group, *features.columns[c]));
    PROVENDER_TRY(read_column(winners, *features.view.stores[c]));
  }
  return {};
}

Result<> PageScan::read_column(const Winners& winners, pit::ValueStore& store) {
  ChunkReader& reader = *readers_.want(1)[0];
  std::size_t row = 0;  // of the row group, where the reader stands
  for (std::size_t done = 0; done < winners.rows.size();) {
    const auto row_at = [&](std::size_t i) {
      return static_cast<std::size_t>(winners.rows[i] - winners.first_row);
    };
    if (request_.stop.stop_requested()) return stopped();
    reader.skip(row_at(done) - row);
    row = row_at(done);
    PROVENDER_ASSIGN(const std::size_t ready, reader.ready());
    const std::size_t rows = std::min(ready, kRowsTogether);
    places_.clear();
    for (std::size_t i = done; i < winners.rows.size() && row_at(i) < row + rows; ++i) {
      places_.push_back(static_cast<std::uint32_t>(row_at(i) - row));
    }
    PROVENDER_ASSIGN(const ColumnView values, reader.read(rows, places_));
    store.put(winners.place + done, values);
    done += places_.size();
    row += rows;
  }
  return {};
}

}  // namespace provender::offline

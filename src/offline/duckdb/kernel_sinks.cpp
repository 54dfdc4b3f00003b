#include "offline/duckdb/kernel_sinks.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/try.hpp"
#include "model/key_size.hpp"
#include "offline/time_range.hpp"

namespace provender::offline {
namespace {

constexpr Type kMicros{.kind = Kind::Int64};

bool are_times(const std::int64_t* times, std::size_t rows) {
  // Of times within 146,000 years the two highest bits are alike: seldom more is needed.
  std::uint64_t differing = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto bits = static_cast<std::uint64_t>(times[i]);
    differing |= bits ^ (bits << 1);
  }
  return differing >> 63 == 0 || std::all_of(times, times + rows, &is_time);
}

const std::int64_t* numbers(duckdb_vector vector) {
  return static_cast<const std::int64_t*>(duckdb_vector_get_data(vector));
}

std::vector<Type> types_of(std::span<const RequestKey> keys) {
  std::vector<Type> out;
  for (const RequestKey& key : keys) {
    out.push_back(*key.type);
  }
  return out;
}

bool has_text(const ColumnView& part) {
  return part.type.kind == Kind::String || part.type.kind == Kind::Bytes;
}

}  // namespace

Result<const std::int64_t*> times_of(const std::int64_t* times,
                                     const std::uint64_t* validity,
                                     std::size_t rows,
                                     std::vector<std::int64_t>& buffer) {
  if (validity == nullptr) {
    if (!are_times(times, rows)) return lost_value();
    return times;
  }
  buffer.resize(rows);
  bool is_lost = false;  // before kNoTime is both null and a number that is no time
  for (std::size_t i = 0; i < rows; ++i) {
    const bool is_null = ((validity[i / 64] >> (i % 64)) & 1) == 0;
    buffer[i] = is_null ? pit::kNoTime : times[i];
    is_lost |= !is_null && !is_time(times[i]);
  }
  if (is_lost) return lost_value();
  return buffer.data();
}

std::size_t count_null_rows(std::span<const ColumnView> keys,
                            const std::int64_t* times,
                            std::size_t rows) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const bool is_null =
        times[i] == pit::kNoTime ||
        std::ranges::any_of(keys, [i](const ColumnView& column) { return column.is_null(i); });
    out += is_null ? 1 : 0;
  }
  return out;
}

KeyTimeReader::KeyTimeReader(std::span<const Type> key_types, bool has_created)
    : readers_(key_types.begin(), key_types.end()),
      has_created_(has_created),
      keys_(key_types.size(), ColumnView{.type = kMicros}) {}

Result<> KeyTimeReader::read(std::span<const duckdb_vector> columns, std::size_t rows) {
  rows_ = rows;
  row_numbers_ = numbers(columns[0]);
  const std::size_t keys = readers_.size();
  for (std::size_t k = 0; k < keys; ++k) {
    keys_[k] = readers_[k].read(columns[1 + k], rows);
  }
  const auto read_times = [&](duckdb_vector vector, std::vector<std::int64_t>& buffer) {
    return times_of(numbers(vector), validity_of(vector, rows), rows, buffer);
  };
  PROVENDER_ASSIGN(times_, read_times(columns[1 + keys], time_buffer_));
  if (has_created_) {
    PROVENDER_ASSIGN(created_, read_times(columns[2 + keys], created_buffer_));
  }
  const bool none = times_ != time_buffer_.data() &&
                    std::ranges::all_of(keys_, [](const ColumnView& c) { return !c.validity; });
  null_rows_ = none ? 0 : count_null_rows(keys_, times_, rows);
  return {};
}

SpineSink::SpineSink(std::int64_t first_row,
                     std::size_t rows,
                     std::span<const RequestKey> keys,
                     std::vector<std::vector<std::size_t>> roles)
    : first_row_(first_row),
      role_keys_(std::move(roles)),
      reader_(types_of(keys), /*has_created=*/false),
      times_(rows, pit::kNoTime) {
  for (const RequestKey& key : keys) {
    key_names_.push_back(key.name);
  }
  for (const auto& role : role_keys_) {
    std::vector<Type> types;
    for (const std::size_t key : role) {
      types.push_back(*keys[key].type);
    }
    roles_.push_back({.index = pit::EntityIndex(types),
                      .entities = pit::LargeVector<std::uint32_t>(rows, pit::kNoEntity)});
  }
}

Result<> SpineSink::take(std::span<const duckdb_vector> columns, std::size_t rows) {
  const std::scoped_lock lock(mutex_);
  PROVENDER_TRY(reader_.read(columns, rows));
  const Rows numbered{.count = rows, .numbers = reader_.row_numbers()};
  PROVENDER_TRY(take_times(numbered, reader_.times()));
  return take_keys(numbered, reader_.keys());
}

template <class Put>
Result<> SpineSink::put_rows(const Rows& rows, Put put) const {
  for (std::size_t i = 0; i < rows.count; ++i) {
    const auto place = static_cast<std::size_t>(rows.number(i) - first_row_);
    if (place >= times_.size()) {
      return Error(ErrorCode::Conflict, "the spine changed while it was read");
    }
    put(i, place);
  }
  return {};
}

Result<> SpineSink::take_times(const Rows& rows, const std::int64_t* times) {
  return put_rows(rows, [&](std::size_t i, std::size_t place) { times_[place] = times[i]; });
}

Result<> SpineSink::take_keys(const Rows& rows, std::span<const ColumnView> keys) {
  taken_ += rows.count;
  ids_.resize(rows.count);
  for (std::size_t r = 0; r < roles_.size(); ++r) {
    std::vector<ColumnView> parts;
    for (const std::size_t key : role_keys_[r]) {
      parts.push_back(keys[key]);
    }
    PROVENDER_TRY(check_key_sizes(rows, parts, role_keys_[r]));
    roles_[r].index.add(parts, rows.count, ids_.data());
    PROVENDER_TRY(put_rows(
        rows, [&](std::size_t i, std::size_t place) { roles_[r].entities[place] = ids_[i]; }));
  }
  return {};
}

std::uint64_t SpineSink::null_rows() const {
  std::uint64_t out = 0;
  for (std::size_t row = 0; row < times_.size(); ++row) {
    const bool is_null =
        times_[row] == pit::kNoTime || std::ranges::any_of(roles_, [row](const Role& role) {
          return role.entities[row] == pit::kNoEntity;
        });
    out += is_null ? 1 : 0;
  }
  return out;
}

/// No store holds rows of a key that is too long, so nobody may ask for one.
Result<> SpineSink::check_key_sizes(const Rows& rows,
                                    std::span<const ColumnView> parts,
                                    const std::vector<std::size_t>& role) const {
  const auto text = std::ranges::find_if(parts, &has_text);
  if (text == parts.end()) return {};
  for (std::size_t i = 0; i < rows.count; ++i) {
    const std::size_t size = encoded_key_size(parts, i);
    if (size <= kMaxKeySize) continue;
    std::vector<std::string_view> names;
    for (const std::size_t key : role) {
      names.push_back(key_names_[key]);
    }
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("row {}: the entity key ({}) takes {} bytes encoded, more than the {} "
                             "allowed; it begins with {}. Shorten its text, or use a hash of it",
                             rows.number(i) + 1,
                             fmt::join(names, ", "),
                             size,
                             kMaxKeySize,
                             to_text(scalar_at(*text, i)).substr(0, 40)));
  }
  return {};
}

void KeyChoice::choose(duckdb_vector keys, std::size_t rows, std::uint8_t* wanted) const {
  ColumnReader reader(key_type_);
  const ColumnView column = reader.read(keys, rows);
  std::vector<std::uint32_t> ids(rows);
  for (const pit::EntityIndex* index : indexes_) {
    index->find({&column, 1}, rows, ids.data());
    for (std::size_t i = 0; i < rows; ++i) {
      wanted[i] |= static_cast<std::uint8_t>(ids[i] != pit::kNoEntity);
    }
  }
}

JoinSink::JoinSink(std::span<const Type> key_types,
                   bool has_created,
                   std::vector<Role> roles,
                   bool replay,
                   Counts& counts)
    : roles_(std::move(roles)),
      counts_(counts),
      streams_(
          [this, types = std::vector(key_types.begin(), key_types.end()), has_created, replay] {
            auto out = std::make_unique<Stream>(KeyTimeReader(types, has_created));
            for (const Role& role : roles_) {
              if (replay) out->replays.push_back(&role.join.add_replay());
            }
            return out;
          }) {}

Result<> JoinSink::take(std::span<const duckdb_vector> columns, std::size_t rows) {
  const std::int64_t* row = numbers(columns[0]);
  return streams_.with(row_base_ + row[0], row_base_ + row[rows - 1] + 1, [&](Stream& stream) {
    return take(stream, columns, rows);
  });
}

void JoinSink::choose(duckdb_vector keys, std::size_t rows, std::uint8_t* wanted) const {
  choice_->choose(keys, rows, wanted);
}

Result<> JoinSink::take(Stream& stream, std::span<const duckdb_vector> columns, std::size_t rows) {
  KeyTimeReader& reader = stream.reader;
  PROVENDER_TRY(reader.read(columns, rows));
  count(rows, reader.null_rows());
  stream.ids.resize(rows);
  for (std::size_t r = 0; r < roles_.size(); ++r) {
    roles_[r].index.find(reader.keys(), rows, stream.ids.data());
    if (reader.null_rows() > 0) {
      for (std::size_t i = 0; i < rows; ++i) {
        if (reader.times()[i] == pit::kNoTime) stream.ids[i] = pit::kNoEntity;
      }
    }
    const pit::SourceBatch batch{.rows = rows,
                                 .entity = stream.ids.data(),
                                 .ts = reader.times(),
                                 .created = reader.created(),
                                 .row = reader.row_numbers(),
                                 .row_base = row_base_};
    hand(stream, r, batch);
  }
  return {};
}

void JoinSink::hand(Stream& stream, std::size_t role, const pit::SourceBatch& batch) {
  if (stream.replays.empty()) {
    roles_[role].join.slots().take(batch);
  } else {
    stream.replays[role]->take(batch);
  }
}

void JoinSink::take(const FoundRows& found) {
  const auto end = found.first_row + static_cast<std::int64_t>(found.rows);
  streams_.with(found.first_row, end, [&](Stream& stream) {
    for (std::size_t r = 0; r < roles_.size(); ++r) {
      hand(stream,
           r,
           {.rows = found.rows,
            .entity = found.entities[r].data() + found.first,
            .ts = found.times,
            .created = found.created,
            .row_base = found.first_row});
    }
    return true;
  });
}

void JoinSink::count(std::uint64_t rows, std::uint64_t null_rows) {
  counts_.rows.fetch_add(rows, std::memory_order_relaxed);
  counts_.skipped_rows.fetch_add(null_rows, std::memory_order_relaxed);
}

namespace {

/// Calls `work` for the winners among some rows, whose numbers ascend: with the place of the row
/// and that of the winner.
template <class Work>
void for_winners(std::span<const std::int64_t> winners,
                 std::span<const std::int64_t> rows,
                 std::int64_t row_base,
                 Work work) {
  auto winner = std::ranges::lower_bound(winners, row_base + rows.front());
  const auto place = [&] { return static_cast<std::size_t>(winner - winners.begin()); };
  const auto count = static_cast<std::int64_t>(rows.size());
  if (rows.back() - rows.front() == count - 1) {  // without gaps: the winners say where they are
    const std::int64_t first = row_base + rows.front();
    for (; winner != winners.end() && *winner < first + count; ++winner) {
      work(static_cast<std::size_t>(*winner - first), place());
    }
    return;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    while (winner != winners.end() && *winner < row_base + rows[i]) {
      ++winner;
    }
    if (winner == winners.end()) return;
    if (*winner == row_base + rows[i]) work(i, place());
  }
}

/// Calls `work(begin, end)` for each stretch of rows whose numbers ascend.
template <class Work>
void for_ascending(std::span<const std::int64_t> rows, Work work) {
  for (std::size_t begin = 0; begin < rows.size();) {
    std::size_t end = begin + 1;
    while (end < rows.size() && rows[end] > rows[end - 1]) {
      ++end;
    }
    work(begin, end);
    begin = end;
  }
}

/// Puts the winners among a stretch of a batch's rows to where they belong.
class WinnerCopy {
 public:
  WinnerCopy(const FeatureSink::View& view,
             std::span<const duckdb_vector> columns,
             std::span<const std::int64_t> rows,
             std::int64_t row_base)
      : view_(view), columns_(columns), rows_(rows), row_base_(row_base) {}

  void copy(std::size_t begin, std::size_t end) {
    for_winners(view_.answers.winners,
                rows_.subspan(begin, end - begin),
                row_base_,
                [&](std::size_t row, std::size_t place) {
                  if (place != first_ + selection_.size()) put();
                  if (selection_.empty()) first_ = place;
                  selection_.push_back(static_cast<std::uint32_t>(begin + row));
                });
    put();
  }

 private:
  void put() {
    if (selection_.empty()) return;
    const RowSelection* const some = selection_.size() == rows_.size() ? nullptr : &selection_;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      ColumnReader reader(view_.stores[c]->type());
      view_.stores[c]->put(first_, reader.read(columns_[c], rows_.size(), some));
    }
    selection_.clear();
  }

  const FeatureSink::View& view_;
  std::span<const duckdb_vector> columns_;
  std::span<const std::int64_t> rows_;
  std::int64_t row_base_;
  RowSelection selection_;
  std::size_t first_ = 0;  ///< place of the first that is selected; the others follow it
};

}  // namespace

Result<> FeatureSink::take(std::span<const duckdb_vector> columns, std::size_t rows) {
  const std::span<const std::int64_t> row_numbers(numbers(columns[0]), rows);
  std::size_t column = 1;
  for (const View& view : views_) {
    WinnerCopy winners(view, columns.subspan(column, view.stores.size()), row_numbers, row_base_);
    column += view.stores.size();
    for_ascending(row_numbers,
                  [&](std::size_t begin, std::size_t end) { winners.copy(begin, end); });
  }
  return {};
}

void FeatureSink::choose(duckdb_vector column, std::size_t rows, std::uint8_t* wanted) const {
  if (choice_) return choice_->choose(column, rows, wanted);
  choose_winners({numbers(column), rows}, wanted);
}

void FeatureSink::choose_winners(std::span<const std::int64_t> rows, std::uint8_t* wanted) const {
  for_ascending(rows, [&](std::size_t begin, std::size_t end) {
    for (const View& view : views_) {
      for_winners(view.answers.winners,
                  rows.subspan(begin, end - begin),
                  row_base_,
                  [&](std::size_t row, std::size_t) { wanted[begin + row] = 1; });
    }
  });
}

}  // namespace provender::offline

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "model/selection.hpp"
#include "offline/duckdb/column_reader.hpp"
#include "offline/duckdb/row_streams.hpp"
#include "offline/duckdb/scan_function.hpp"
#include "pit/answers.hpp"
#include "pit/entity_index.hpp"
#include "pit/large_vector.hpp"
#include "pit/role_join.hpp"
#include "pit/values.hpp"

/// What the scans of a point-in-time join are handed to. The columns of a batch are those of
/// compile_scan: the row number first.
namespace provender::offline {

/// Times of rows, kNoTime where one is null; in `buffer` if some are. lost_value(): one is no
/// time.
Result<const std::int64_t*> times_of(const std::int64_t* times,
                                     const std::uint64_t* validity,
                                     std::size_t rows,
                                     std::vector<std::int64_t>& buffer);

/// How many rows have a null key or, by kNoTime, no event timestamp.
std::size_t count_null_rows(std::span<const ColumnView> keys,
                            const std::int64_t* times,
                            std::size_t rows);

/// Key and time columns of one batch. Confined to one thread.
class KeyTimeReader {
 public:
  KeyTimeReader(std::span<const Type> key_types, bool has_created);

  /// `columns`: row, keys, event timestamp, [created timestamp].
  Result<> read(std::span<const duckdb_vector> columns, std::size_t rows);

  std::size_t rows() const { return rows_; }
  const std::int64_t* row_numbers() const { return row_numbers_; }
  std::span<const ColumnView> keys() const { return keys_; }
  /// kNoTime where null.
  const std::int64_t* times() const { return times_; }
  /// Null pointer where none is declared.
  const std::int64_t* created() const { return created_; }
  /// Rows with a null key or event timestamp. What such a row has for a time is kNoTime.
  std::size_t null_rows() const { return null_rows_; }

 private:
  std::vector<ColumnReader> readers_;
  bool has_created_;
  std::size_t rows_ = 0;
  const std::int64_t* row_numbers_ = nullptr;
  std::vector<ColumnView> keys_;
  const std::int64_t* times_ = nullptr;
  const std::int64_t* created_ = nullptr;
  std::vector<std::int64_t> time_buffer_;
  std::vector<std::int64_t> created_buffer_;
  std::size_t null_rows_ = 0;
};

/// Takes the spine: its times, and the entities that its rows ask about in each role.
class SpineSink final : public RowSink {
 public:
  /// Rows [first_row, first_row + rows) of the spine. `roles`: by role, places of its keys among
  /// `keys`, which have types.
  SpineSink(std::int64_t first_row,
            std::size_t rows,
            std::span<const RequestKey> keys,
            std::vector<std::vector<std::size_t>> roles);

  Result<> take(std::span<const duckdb_vector> columns, std::size_t rows) override;
  /// Some rows of the spine.
  struct Rows {
    std::size_t count = 0;
    std::int64_t first = 0;                 ///< the others follow it
    const std::int64_t* numbers = nullptr;  ///< or each one's number, in place of `first`

    std::int64_t number(std::size_t i) const {
      return numbers == nullptr ? first + static_cast<std::int64_t>(i) : numbers[i];
    }
  };
  /// By one thread at a time, while another may take times.
  Result<> take_keys(const Rows& rows, std::span<const ColumnView> keys);
  /// kNoTime where one is null. By one thread at a time, while another may take keys.
  Result<> take_times(const Rows& rows, const std::int64_t* times);

  struct Role {
    pit::EntityIndex index;
    pit::LargeVector<std::uint32_t> entities;  ///< by row
  };
  pit::LargeVector<std::int64_t>& times() { return times_; }  ///< by row
  std::vector<Role>& roles() { return roles_; }
  /// How many of all rows have a null key or no time, or were not taken.
  std::uint64_t null_rows() const;
  /// Rows whose keys were taken.
  std::uint64_t taken() const { return taken_; }

 private:
  /// Calls `put(i, place)` for each of the rows. Conflict: there is no such row.
  template <class Put>
  Result<> put_rows(const Rows& rows, Put put) const;
  Result<> check_key_sizes(const Rows& rows,
                           std::span<const ColumnView> parts,
                           const std::vector<std::size_t>& role) const;

  std::int64_t first_row_;
  std::vector<std::string> key_names_;
  std::vector<std::vector<std::size_t>> role_keys_;
  std::mutex mutex_;
  KeyTimeReader reader_;  ///< guarded by mutex_, and all below where DuckDB hands rows over
  pit::LargeVector<std::int64_t> times_;
  std::vector<Role> roles_;
  std::vector<std::uint32_t> ids_;
  std::uint64_t taken_ = 0;
};

/// Which rows have a key that is asked about in any role. Const calls are safe for concurrent use.
class KeyChoice {
 public:
  /// Of a key of one part; `indexes` outlive it.
  KeyChoice(Type key_type, std::vector<const pit::EntityIndex*> indexes)
      : key_type_(key_type), indexes_(std::move(indexes)) {}

  void choose(duckdb_vector keys, std::size_t rows, std::uint8_t* wanted) const;

 private:
  Type key_type_;
  std::vector<const pit::EntityIndex*> indexes_;
};

/// The first pass over a source: takes keys and times, and joins them in each role.
class JoinSink final : public RowSink {
 public:
  struct Role {
    const pit::EntityIndex& index;
    pit::RoleJoin& join;
  };
  struct Counts {
    std::atomic<std::uint64_t> rows = 0;
    std::atomic<std::uint64_t> skipped_rows = 0;
  };
  /// With `replay` the rows of each thread come about in the order of their times.
  JoinSink(std::span<const Type> key_types,
           bool has_created,
           std::vector<Role> roles,
           bool replay,
           Counts& counts);

  /// From now on it wants only rows of these keys.
  void choose_by(KeyChoice choice) { choice_ = std::move(choice); }
  /// For the rows that come next: what is added to their numbers.
  void set_row_base(std::int64_t base) { row_base_ = base; }

  Result<> take(std::span<const duckdb_vector> columns, std::size_t rows) override;
  void choose(duckdb_vector keys, std::size_t rows, std::uint8_t* wanted) const override;

  /// Rows that follow each other, whose keys have been looked up.
  struct FoundRows {
    std::int64_t first_row;  ///< the row base is not added
    std::size_t rows;
    std::span<const std::vector<std::uint32_t>> entities;  ///< by role, from `first` on
    std::size_t first = 0;
    const std::int64_t* times;
    const std::int64_t* created;  ///< null pointer: none is declared
  };
  void take(const FoundRows& found);
  const pit::EntityIndex& index(std::size_t role) const { return roles_[role].index; }
  std::size_t roles() const { return roles_.size(); }
  /// Counts rows that are taken as found, or that nobody asks for.
  void count(std::uint64_t rows, std::uint64_t null_rows);

 private:
  /// Of rows that come one after the other.
  struct Stream {
    KeyTimeReader reader;
    std::vector<std::uint32_t> ids;
    std::vector<pit::Replay*> replays;  ///< by role; empty: slots
  };
  Result<> take(Stream& stream, std::span<const duckdb_vector> columns, std::size_t rows);
  void hand(Stream& stream, std::size_t role, const pit::SourceBatch& batch);

  std::vector<Role> roles_;
  Counts& counts_;
  std::int64_t row_base_ = 0;
  std::optional<KeyChoice> choice_;
  RowStreams<Stream> streams_;
};

/// The second pass: takes the features of the rows that won.
class FeatureSink final : public RowSink {
 public:
  struct View {
    const pit::Answers& answers;
    std::vector<pit::ValueStore*> stores;  ///< in the order of the columns
  };
  explicit FeatureSink(std::vector<View> views) : views_(std::move(views)) {}

  /// From now on it wants all rows of these keys, in place of those that won.
  void choose_by(KeyChoice choice) { choice_ = std::move(choice); }
  void set_row_base(std::int64_t base) { row_base_ = base; }

  /// `columns`: row, the features of all views.
  Result<> take(std::span<const duckdb_vector> columns, std::size_t rows) override;
  /// `column`: of row numbers, or of keys.
  void choose(duckdb_vector column, std::size_t rows, std::uint8_t* wanted) const override;

 private:
  void choose_winners(std::span<const std::int64_t> rows, std::uint8_t* wanted) const;

  std::vector<View> views_;
  std::optional<KeyChoice> choice_;
  std::int64_t row_base_ = 0;
};

}  // namespace provender::offline

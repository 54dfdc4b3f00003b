#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace provender::pit {

/// A time that no row has: a created timestamp that is null or not declared (which orders lowest),
/// the event timestamp of no row at all.
inline constexpr std::int64_t kNoTime = std::numeric_limits<std::int64_t>::min();

/// The id of a key that no spine row has, or that is null.
inline constexpr std::uint32_t kNoEntity = std::numeric_limits<std::uint32_t>::max();

/// What decides between source rows of one entity (rule 1): greater wins. No row at all is less
/// than every row. Times are microseconds.
struct SourceRow {
  std::int64_t ts = kNoTime;
  std::int64_t created = kNoTime;
  std::int64_t row = -1;  ///< ingest order, from 0

  bool exists() const { return row >= 0; }
  friend auto operator<=>(const SourceRow&, const SourceRow&) = default;
};

/// Rows of a source in a batch: arrays of equal length. Rows whose entity is kNoEntity are skipped,
/// whatever stands in their other fields.
struct SourceBatch {
  std::size_t rows = 0;
  const std::uint32_t* entity = nullptr;
  const std::int64_t* ts = nullptr;
  const std::int64_t* created = nullptr;  ///< null pointer: not declared; kNoTime: null
  const std::int64_t* row = nullptr;      ///< null pointer: they count from 0
  std::int64_t row_base = 0;              ///< added to `row`

  SourceRow at(std::size_t i) const {
    return {.ts = ts[i],
            .created = created == nullptr ? kNoTime : created[i],
            .row = row_base + (row == nullptr ? static_cast<std::int64_t>(i) : row[i])};
  }
};

/// The variants of rule 1.
struct Variant {
  bool strictly_before = false;  ///< event timestamp < t
  bool known_by = false;         ///< only rows created by t; the source declares when that is
};

}  // namespace provender::pit

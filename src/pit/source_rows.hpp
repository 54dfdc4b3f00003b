#pragma once

#include <cstddef>
#include <cstdint>

#include "pit/large_vector.hpp"
#include "pit/source_row.hpp"

namespace provender::pit {

/// Many source rows, small where none was created at a time: so that more of them stay in the
/// cache.
struct SourceRows {
  struct Place {
    std::int64_t ts = kNoTime;
    std::int64_t row = -1;
  };
  LargeVector<Place> places;
  LargeVector<std::int64_t> created;  ///< empty: of none

  bool empty() const { return places.empty(); }
  std::size_t size() const { return places.size(); }
  SourceRow operator[](std::size_t i) const {
    return {.ts = places[i].ts,
            .created = created.empty() ? kNoTime : created[i],
            .row = places[i].row};
  }

  void resize(std::size_t size, bool has_created) {
    places.resize(size);
    if (has_created) created.resize(size, kNoTime);
  }
  /// To `row`, if that is greater; its created timestamp is kNoTime unless there is room for it.
  void raise(std::size_t i, const SourceRow& row) {
    if (row <= (*this)[i]) return;
    places[i] = {.ts = row.ts, .row = row.row};
    if (!created.empty()) created[i] = row.created;
  }
};

}  // namespace provender::pit

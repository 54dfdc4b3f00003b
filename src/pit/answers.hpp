#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "provender/types.hpp"

#include "pit/large_vector.hpp"
#include "pit/parallel.hpp"
#include "pit/source_rows.hpp"
#include "pit/spine.hpp"

namespace provender::pit {

/// What one view answers to each row of the spine.
struct Answers {
  /// A place is a number below these, or one of them.
  static constexpr std::uint32_t kNotFound = 0xFFFF'FFFF;
  static constexpr std::uint32_t kOutsideMaxAge = 0xFFFF'FFFE;

  LargeVector<std::uint32_t> places;  ///< by row of the spine: where in `winners` its row stands
  LargeVector<std::int64_t> winners;  ///< SourceRow::row of each row that is given, ascending
  std::uint64_t created_after = 0;    ///< given rows that were created after the time asked about
};

/// Judges the best row of each position (rules 1 and 4): with a ttl, a row older than t - ttl is
/// outside. If a stop is requested it ends soon, with an answer that is none.
Answers judge(const RoleSpine& spine,
              const SourceRows& best,
              std::optional<Duration> ttl,
              const std::stop_token& stop = {},
              const Parallel& parallel = {});

}  // namespace provender::pit

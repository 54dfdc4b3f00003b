#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provender/export.hpp"
#include "provender/types.hpp"

namespace provender {

/// One materialization of one view.
struct Run {
  std::uint64_t id = 0;
  std::string view;
  std::uint32_t store_id = 0;  ///< the generation of stored rows that it filled
  std::uint64_t version = 0;   ///< applied version that it used
  Timestamp end;               ///< rows up to here
  Timestamp started;
  std::optional<Timestamp> finished;
  std::uint64_t rows_read = 0;  ///< latest rows of the source, one per entity
  std::uint64_t rows_written = 0;
  std::uint64_t rows_kept = 0;         ///< the store had a newer one
  std::uint64_t rows_skipped = 0;      ///< source rows with a null key or event timestamp
  std::optional<Timestamp> watermark;  ///< newest event timestamp that it saw
  std::string error;     ///< empty: it succeeded or still runs; kRunStopped: it was asked to stop
  bool skipped = false;  ///< it did nothing, because another run of the view was at work: `error`
                         ///< says whose; such a run is not recorded
};
/// Run::error of a run that was stopped, which is no failure: what it wrote is right, and the next
/// one completes it.
inline constexpr std::string_view kRunStopped = "stopped";

/// A request to bring the online store up to date.
struct MaterializeOptions {
  std::vector<std::string> views;  ///< empty: all
  std::optional<Timestamp>
      end;            ///< rows up to here; now if not given; later than now is InvalidArgument
  bool full = false;  ///< into a new generation, which takes over when it is complete
};

/// How a view stands against its cadence.
struct ViewStatus {
  enum class Freshness : std::uint8_t {
    Never,   ///< not materialized yet
    Fresh,   ///< the last due run is done
    Late,    ///< a run is due and not done
    Manual,  ///< no cadence to hold it against
  };
  std::string view;
  std::string cadence;
  Freshness freshness = Freshness::Never;
  std::optional<Timestamp> last_end;   ///< of the newest successful run into what serves
  std::optional<Timestamp> watermark;  ///< newest event timestamp of that run
  std::optional<Timestamp> next_due;   ///< by the cadence, counted from that run; none without one
  bool due = false;                    ///< by the cadence a run should have begun, or begin now
  std::uint64_t rows = 0;              ///< entities in that run
  bool rebuilding = false;             ///< a new generation waits for its first complete run
  std::vector<Run> last_runs;          ///< newest first, at most five
};
PROVENDER_EXPORT std::string_view to_string(ViewStatus::Freshness freshness) noexcept;

}  // namespace provender

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "provender/arrow.hpp"
#include "provender/online_read.hpp"
#include "provender/value.hpp"

namespace provender {

/// From `start` on, up to but not including `end`.
struct TimeRange {
  Timestamp start;
  Timestamp end;
};

/// A request for training rows: spine rows with features beside them. Which rows is said by exactly
/// one of `spine`, `spine_stream`, `range` and `at`; without a spine all views have the same keys.
struct HistoricalOptions {
  FeatureRequest features;
  /// .parquet, .csv or .arrow (IPC, its file form or its stream form): the join keys and an event
  /// timestamp.
  std::filesystem::path spine;
  /// The same as an Arrow stream, which is taken over, and released, whatever comes of the call.
  ArrowArrayStream* spine_stream = nullptr;
  /// The different keys and event timestamps of the views' rows in it, in order of time.
  std::optional<TimeRange> range;
  /// Each key with a row by then, whatever its age, and that time: in order of the keys.
  std::optional<Timestamp> at;
  std::filesystem::path
      out;  ///< .parquet, .csv or .arrow (IPC, file form); appears when it is whole
  /// In place of `out`: is filled in with the rows, for the caller to release. The rows are whole
  /// by then, and lie in a file without a name until that; later changes of the sources and the end
  /// of the store don't concern them. Left as it is where the call fails.
  ArrowArrayStream* out_stream = nullptr;
  bool overwrite = false;  ///< whether `out` may be there, and is replaced then
  std::string event_timestamp = "event_timestamp";  ///< the spine's column
  bool strictly_before =
      false;  ///< rows with event timestamp < t: for a label made from the same event
  bool known_by_created = false;  ///< only rows with created timestamp ≤ t
  bool with_status = false;       ///< a column `NAME__status` beside each feature
  /// Only plans: HistoricalReport::plan says how, no source is read and nothing is written. `out`
  /// is not looked at.
  bool explain = false;
};

struct ViewReport {
  std::string view;  ///< the view's name, or the alias of a role
  std::uint64_t source_rows = 0;
  std::uint64_t skipped_rows = 0;   ///< null key or event timestamp
  std::uint64_t created_after = 0;  ///< values given that were created after their t
};

/// A way to take the rows of a source, and what that takes of one thread's time: about, and without
/// the decoding, which is the same for all.
struct PlanCost {
  std::string way;
  double seconds = 0;
};

/// How the views of one source are joined to the spine.
struct PlanStep {
  std::vector<std::string> views;  ///< they are read together
  std::string source;              ///< as it is declared
  std::uint64_t files = 0;         ///< 0: it is staged first
  std::uint64_t rows = 0;          ///< as far as metadata tells
  std::uint64_t rows_read = 0;     ///< in row groups that may hold a row that is needed
  std::uint64_t row_groups = 0;
  std::uint64_t row_groups_read = 0;
  std::uint64_t bytes = 0;       ///< of the columns that are asked for, as they lie in the files
  std::uint64_t bytes_read = 0;  ///< of them in those row groups, by both passes, at most
  std::string way;               ///< "replay" (in the order of time), "slots" (in any order)
  std::string reason;            ///< why that way
  std::vector<PlanCost> costs;   ///< of all ways that there are
  std::string second_pass;       ///< which rows' features are read, and why
};

/// How offline.memory_limit is shared out, in bytes.
struct PlanMemory {
  std::uint64_t limit = 0;
  std::uint64_t writing = 0;         ///< of DuckDB where it stages and writes
  std::uint64_t scanning = 0;        ///< of DuckDB where it reads sources
  std::uint64_t joining = 0;         ///< of the arrays of the join
  std::uint64_t joining_needed = 0;  ///< by one pass of them, about
};

/// How training rows will be made.
struct HistoricalPlan {
  /// Of the spine. Without one, the most that they can be: nobody reads the sources to plan;
  /// nullopt: nothing tells.
  std::optional<std::uint64_t> rows;
  bool are_rows_counted = true;  ///< whether `rows` is not only the most
  /// Over the sources: the spine's rows in parts that fit into memory. As many as `rows` would
  /// need; 0: nothing tells.
  std::uint64_t passes = 1;
  PlanMemory memory;
  std::vector<PlanStep> steps;
};

struct HistoricalReport {
  std::uint64_t rows = 0;
  std::uint64_t null_rows = 0;  ///< spine rows with a null key or timestamp
  std::vector<ViewReport> views;
  HistoricalPlan plan;
};

/// One value as of a time.
struct ValueAsOf {
  Status status = Status::NotFound;
  Value value;
  std::optional<Timestamp> event_timestamp;  ///< of the row, where there is one
};

}  // namespace provender

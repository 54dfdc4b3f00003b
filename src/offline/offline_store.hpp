#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provender/control.hpp"
#include "provender/historical.hpp"

#include "model/column.hpp"
#include "model/definitions.hpp"
#include "model/selection.hpp"

namespace provender::offline {

/// One column of a source as its reader sees it.
struct SourceColumn {
  std::string name;
  std::string native_type;   ///< "BIGINT", "TIMESTAMP WITH TIME ZONE", …
  std::optional<Type> type;  ///< the feature type it maps to without loss; nullopt: none
};

/// What is known of a source without reading it through.
struct SourceInfo {
  /// Those that all files have. One whose type differs between files is there once for each type.
  std::vector<SourceColumn> columns;
  /// The other columns, each with the first file that lacks it.
  std::map<std::string, std::string> lacking;
  std::vector<std::string> files;     ///< in path order; empty for SQL
  std::optional<std::uint64_t> rows;  ///< where the files' metadata tells
};

/// A request for training rows from files to a file: `selection` is what `options.features`
/// resolved to.
struct HistoricalRequest {
  const Definitions& definitions;
  const Selection& selection;
  const HistoricalOptions& options;
};

/// Reads the latest row per entity, batch after batch. Confined to one thread.
class LatestReader {
 public:
  virtual ~LatestReader() = default;
  /// Columns: join keys in canonical order, event timestamp, created timestamp (null where not
  /// declared), then the view's features as declared. Rows ascend in the order of encoded keys,
  /// each key once. Views are valid until the next call; nullopt at the end.
  virtual Result<std::optional<BatchView>> next() = 0;
  /// Source rows with a null key or event timestamp; complete at the end.
  virtual std::uint64_t skipped_rows() const = 0;
};

/// The history of features: reads sources, answers point-in-time questions (rules 1–4, 8, 9 of
/// docs/design/semantics.md). Safe for concurrent use.
class OfflineStore {
 public:
  virtual ~OfflineStore() = default;

  /// What a source holds. NotFound, PermissionDenied, InvalidArgument (not Parquet, not one SELECT,
  /// reads outside the allowed folders, …) say what and where.
  virtual Result<SourceInfo> inspect(const Definitions& definitions,
                                     const Source& source,
                                     const Control& control) = 0;

  /// Writes one row per spine row, in the spine's order, every spine column kept, to a file that
  /// appears when it is whole.
  virtual Result<HistoricalReport> historical(const HistoricalRequest& request,
                                              const Control& control) = 0;

  /// The values of one entity at `t`: one per feature of `selection`. `keys` are in the order of
  /// selection.keys.
  virtual Result<std::vector<ValueAsOf>> as_of(const Definitions& definitions,
                                               const Selection& selection,
                                               std::span<const Value> keys,
                                               Timestamp t,
                                               const Control& control) = 0;

  /// The winning row (rule 1) per entity at `end`, whatever its age. Sorting spills under the
  /// memory limit.
  virtual Result<std::unique_ptr<LatestReader>> latest(const Definitions& definitions,
                                                       const FeatureView& view,
                                                       Timestamp end,
                                                       const Control& control) = 0;
};

/// How training rows are joined. All give the same answers, and the tests of the semantics run
/// each.
enum class JoinEngine : std::uint8_t {
  Kernel,        ///< by src/pit, as it thinks best
  KernelScan,    ///< the same, through DuckDB's scans, which read what src/parquet does not
  KernelReplay,  ///< taking the rows of files as they come, whatever their order
  KernelSlots,   ///< taking all rows as if they had no order
  KernelPasses,  ///< in three passes, as if the spine were larger than memory
  Asof,          ///< by DuckDB's ASOF join
};
inline constexpr std::array kJoinEngines = {JoinEngine::Kernel,
                                            JoinEngine::KernelScan,
                                            JoinEngine::KernelReplay,
                                            JoinEngine::KernelSlots,
                                            JoinEngine::KernelPasses,
                                            JoinEngine::Asof};
constexpr std::string_view to_string(JoinEngine engine) {
  switch (engine) {
    case JoinEngine::Kernel:
      return "kernel";
    case JoinEngine::KernelScan:
      return "kernel_scan";
    case JoinEngine::KernelReplay:
      return "kernel_replay";
    case JoinEngine::KernelSlots:
      return "kernel_slots";
    case JoinEngine::KernelPasses:
      return "kernel_passes";
    case JoinEngine::Asof:
      break;
  }
  return "asof";
}

/// How an offline store is opened: the `offline:` part of provender.yaml.
struct OfflineOptions {
  std::filesystem::path project;             ///< absolute; relative paths in definitions start here
  std::vector<std::filesystem::path> roots;  ///< folders outside the project that sources may read
  std::uint64_t memory_limit = std::uint64_t{4} << 30;  ///< bytes
  int threads = 2;
  // Not in provender.yaml, for tests:
  JoinEngine join_engine = JoinEngine::Kernel;
  std::chrono::milliseconds between_tellings{100};  ///< of a phase's progress, at least
};

/// Loads the DuckDB plug-in (libprovender_duckdb.so, from the folder lib/provender beside the
/// program or library) and opens a store in it. The library stays mapped. FailedPrecondition says
/// where it was looked for or that it is of another version.
Result<std::unique_ptr<OfflineStore>> open_offline_store(const OfflineOptions& options);

}  // namespace provender::offline

#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provender/catalog.hpp"
#include "provender/control.hpp"
#include "provender/export.hpp"
#include "provender/historical.hpp"
#include "provender/log.hpp"
#include "provender/materialize.hpp"
#include "provender/online_read.hpp"
#include "provender/plan.hpp"

namespace provender {

/// How a store is opened.
struct OpenOptions {
  std::filesystem::path project = ".";  ///< the folder of provender.yaml
  Logger* logger = nullptr;             ///< outlives the store; nullptr: silence
  /// Nothing of the project is created or written: what is not made yet reads as empty, and is
  /// found once another process has made it. (A change of the registry that a dead process left
  /// half done is undone, where that is permitted.)
  bool read_only = false;
};

/// A project's feature store: the whole of Provender. Safe for concurrent use.
class PROVENDER_EXPORT FeatureStore {
 public:
  /// Opens the project in `options.project`. NotFound, InvalidArgument or FailedPrecondition say
  /// what is wrong with it. Cheap: offline work loads its engine when it is first asked for.
  static Result<std::unique_ptr<FeatureStore>> open(const OpenOptions& options);

  virtual ~FeatureStore() = default;

  /// Reads the definitions, checks them and their sources, and says what applying them would
  /// change. InvalidArgument lists all that is wrong, a line each.
  virtual Result<Plan> plan(const Control& control) = 0;
  /// Applies the definitions as they are on disk now. `expected` guards against a change since that
  /// plan: Conflict.
  virtual Result<Version> apply(const Plan& expected, const Control& control) = 0;
  /// The applied versions, newest first.
  virtual Result<std::vector<Version>> history() = 0;
  /// The registered features, by view and name.
  virtual Result<std::vector<FeatureInfo>> features() = 0;
  /// The registered entities, feature views and feature services.
  virtual Result<Catalog> catalog() = 0;

  /// Training rows: point-in-time features beside each spine row, in its order.
  virtual Result<HistoricalReport> get_historical_features(const HistoricalOptions& options,
                                                           const Control& control) = 0;
  /// Resolves a request as OnlineReader::prepare does, without opening the online store.
  virtual Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) = 0;
  /// One entity as of `t`, from the offline store; `keys` in the order of prepare()'s keys.
  virtual Result<std::vector<ValueAsOf>> get_as_of(const FeatureRequest& request,
                                                   std::span<const Value> keys,
                                                   Timestamp t,
                                                   const Control& control) = 0;

  /// Brings the online store up to date; a run per view, failed ones included (Run::error).
  virtual Result<std::vector<Run>> materialize(const MaterializeOptions& options,
                                               const Control& control) = 0;
  /// Materializes each view on its cadence until stopped; one process of all that share the
  /// registry does the work. `once`: what is due now, then returns a run for each, as materialize.
  virtual Result<std::vector<Run>> run(bool once, const Control& control) = 0;
  virtual Result<std::vector<ViewStatus>> status() = 0;

  /// Reads the latest features; the online store is opened by the first call. The reader lives as
  /// long as this store and is never null. Errors as those of the online store's opening.
  virtual Result<OnlineReader*> online() = 0;
};

}  // namespace provender

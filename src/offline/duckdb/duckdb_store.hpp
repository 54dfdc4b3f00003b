#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "offline/duckdb/connection.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/offline_store.hpp"

namespace provender::offline {

/// The history of features, read by DuckDB inside this process. Safe for concurrent use.
class DuckdbStore final : public OfflineStore {
 public:
  explicit DuckdbStore(const OfflineOptions& options)
      : options_(options), files_(options.project, options.roots) {}

  Result<SourceInfo> inspect(const Definitions& definitions,
                             const Source& source,
                             const Control& control) override;
  Result<HistoricalReport> historical(const HistoricalRequest& request,
                                      const Control& control) override;
  Result<std::vector<ValueAsOf>> as_of(const Definitions& definitions,
                                       const Selection& selection,
                                       std::span<const Value> keys,
                                       Timestamp t,
                                       const Control& control) override;
  Result<std::unique_ptr<LatestReader>> latest(const Definitions& definitions,
                                               const FeatureView& view,
                                               Timestamp end,
                                               const Control& control) override;

 private:
  /// To the shared database, which is opened anew when sources name other folders than before.
  Result<Connection> connect(const Definitions& definitions, std::stop_token stop);

  OfflineOptions options_;
  ProjectFiles files_;
  std::mutex mutex_;
  std::shared_ptr<Database> database_;            // guarded by mutex_
  std::vector<std::string> allowed_directories_;  // of database_
};

}  // namespace provender::offline

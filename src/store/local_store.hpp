#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "provender/feature_store.hpp"

#include "base/clock.hpp"
#include "definitions/project.hpp"
#include "materialize/materializer.hpp"
#include "online/row_names.hpp"
#include "store/loop_answer.hpp"

namespace provender::store {

/// A project on this machine: puts the modules together. The registry is open from the beginning;
/// the offline engine and the online store are opened when they are first needed. Safe for
/// concurrent use.
class LocalStore final : public FeatureStore {
 public:
  static Result<std::unique_ptr<LocalStore>> open(const OpenOptions& options);

  Result<Plan> plan(const Control& control) override;
  Result<Version> apply(const Plan& expected, const Control& control) override;
  Result<std::vector<Version>> history() override;
  Result<std::vector<FeatureInfo>> features() override;
  Result<Catalog> catalog() override;
  Result<HistoricalReport> get_historical_features(const HistoricalOptions& options,
                                                   const Control& control) override;
  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request) override;
  Result<std::vector<ValueAsOf>> get_as_of(const FeatureRequest& request,
                                           std::span<const Value> keys,
                                           Timestamp t,
                                           const Control& control) override;
  Result<std::vector<Run>> materialize(const MaterializeOptions& options,
                                       const Control& control) override;
  Result<std::vector<Run>> run(bool once, const Control& control) override;
  Result<std::vector<ViewStatus>> status() override;
  Result<OnlineReader*> online() override;

 private:
  LocalStore(definitions::ProjectConfig config, Logger* logger, bool read_only);
  struct Checked {
    Definitions declared;
    Definitions resolved;                       ///< every key type known
    std::map<std::string, std::uint64_t> rows;  ///< of a view's source, where metadata tells
  };
  /// The definitions on disk, checked with their sources. Sources are not opened again as long as
  /// the same definitions are declared.
  Result<Checked> load(const Control& control);
  Result<offline::OfflineStore*> offline();
  Result<online::OnlineStore*> online_store();
  Result<std::unique_ptr<online::OnlineStore>> open_online();
  Result<materialize::Stores> stores();

  definitions::ProjectConfig config_;
  SystemClock clock_;
  NullLogger silence_;
  Logger* logger_;
  bool read_only_;
  std::unique_ptr<registry::Registry> registry_;

  std::mutex mutex_;  // guards the opening of what follows
  std::unique_ptr<offline::OfflineStore> offline_;
  std::unique_ptr<online::OnlineStore> online_;
  std::unique_ptr<registry::Registry> readers_registry_;  ///< waits less, and for nobody in here
  /// For readers of loops, which there are once that registry is open.
  LoopAnswer<std::shared_ptr<const online::RowNames>> loop_names_;
  std::unique_ptr<OnlineReader> reader_;

  std::mutex checked_mutex_;
  std::optional<Checked> checked_;
};

}  // namespace provender::store

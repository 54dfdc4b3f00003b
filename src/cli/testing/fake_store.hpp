#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "provender/feature_store.hpp"

namespace provender::cli {

/// What a test lets the store answer, and what it heard.
struct FakeData {
  Result<Plan> plan = Plan{};
  Version applied{};
  std::vector<Version> history;
  std::vector<FeatureInfo> features;
  Catalog catalog;
  Result<HistoricalReport> historical = HistoricalReport{};
  std::vector<Run> runs;
  std::vector<ViewStatus> status;
  std::vector<PreparedRead::Key> keys;                ///< of every read
  std::vector<std::string> known_keys;                ///< of the project
  std::vector<PreparedRead::Feature> asked_features;  ///< of every read
  std::vector<ValueAsOf> values;                      ///< of every read, lists excepted
  Result<> online_read = {};                          ///< what prevents every online read
  Timestamp now;
  std::function<Result<>(const Control&)> during;  ///< called inside long work

  int applies = 0;
  int online_opened = 0;
  HistoricalOptions historical_options;
  MaterializeOptions materialize_options;
  FeatureRequest request;
  std::vector<Value> read_keys;
  std::optional<Timestamp> read_as_of;
  bool ran_once = false;
};

/// A read of what `data` says, which outlives it.
std::shared_ptr<const PreparedRead> make_fake_read(const FakeData& data);

/// A store that answers what `data` says, which outlives it.
std::unique_ptr<FeatureStore> make_fake_store(FakeData& data);

}  // namespace provender::cli

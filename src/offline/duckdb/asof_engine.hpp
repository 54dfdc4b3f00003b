#pragma once

#include "offline/duckdb/selection_engine.hpp"
#include "offline/duckdb/selection_join.hpp"

namespace provender::offline {

/// Joins view after view by DuckDB's ASOF join, through temporary tables. Slower than the kernel
/// and hungrier, but another way to the same answer: what the kernel is compared with.
class AsofEngine final : public SelectionEngine {
 public:
  explicit AsofEngine(const EngineRequest& request) : request_(request) {}

  bool needs_staged_spine() const override { return true; }
  std::optional<std::size_t> most_page_bytes() const override { return std::nullopt; }
  Result<> open(Connection& connection, const Spine& spine) override;
  std::size_t passes() const override { return 1; }
  Result<HistoricalPlan> plan(Connection& connection, const Spine& spine) override;
  Result<> join(Connection& connection, const Spine& spine, std::size_t pass) override;
  Result<Answer> answer(Connection& connection, const Spine& spine) override;
  std::optional<AnsweredRows> answered() const override { return std::nullopt; }
  Result<bool> has_negative_zero(Connection& connection) override;
  Result<HistoricalReport> report() override { return report_; }

 private:
  EngineRequest request_;
  HistoricalReport report_;
  std::vector<ResultColumn> columns_;
  std::vector<std::string> result_tables_;
};

}  // namespace provender::offline

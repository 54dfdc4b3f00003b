#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "offline/duckdb/answer_functions.hpp"
#include "offline/duckdb/group_join.hpp"
#include "offline/duckdb/selection_engine.hpp"

namespace provender::offline {

/// Joins by the kernel of `src/pit`. Confined to one thread, but works with several.
class KernelEngine final : public SelectionEngine {
 public:
  explicit KernelEngine(const EngineRequest& request) : request_(request) {}

  bool needs_staged_spine() const override { return false; }
  Result<HistoricalReport> join(Connection& connection, const Spine& spine) override;
  Result<Answer> answer(Connection& connection, const Spine& spine) override;
  Result<bool> has_negative_zero(Connection& connection) override;

 private:
  Result<> open_groups(Connection& connection);
  Result<std::vector<Connection>> open_workers(const std::stop_token& stop) const;
  Result<> run_groups(Connection& connection, std::deque<GroupJoin>& joins);
  HistoricalReport report(const KernelSpine& spine, const std::deque<GroupJoin>& joins) const;
  std::size_t threads() const;
  void tell(const SourceGroup& group);

  EngineRequest request_;
  ScanFunction function_;
  std::vector<SourceGroup> groups_;
  std::vector<ViewAnswers> answers_;  ///< by view of the selection
  std::unique_ptr<AnswerFunctions> functions_;
  std::mutex progress_mutex_;
  std::uint64_t told_ = 0;  ///< views, guarded by progress_mutex_
};

}  // namespace provender::offline

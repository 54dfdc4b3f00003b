#pragma once

#include <deque>
#include <future>
#include <memory>
#include <stop_token>
#include <vector>

#include "offline/duckdb/answer_functions.hpp"
#include "offline/duckdb/group_join.hpp"
#include "offline/duckdb/memory_plan.hpp"
#include "offline/duckdb/selection_engine.hpp"

namespace provender::offline {

/// Joins by the kernel of `src/pit`. Confined to one thread, but works with several.
class KernelEngine final : public SelectionEngine {
 public:
  explicit KernelEngine(const EngineRequest& request);

  bool needs_staged_spine() const override { return false; }
  std::optional<std::size_t> most_page_bytes() const override;
  Result<> open(Connection& connection, const Spine& spine) override;
  std::size_t passes() const override { return passes_; }
  Result<HistoricalPlan> plan(Connection& connection, const Spine& spine) override;
  Result<> join(Connection& connection, const Spine& spine, std::size_t pass) override;
  Result<Answer> answer(Connection& connection, const Spine& spine) override;
  std::optional<AnsweredRows> answered() const override;
  Result<bool> has_negative_zero(Connection& connection) override;
  Result<HistoricalReport> report() override;

 private:
  RowsOfSpine rows_of(std::size_t pass) const;
  Result<> read_spine(Connection& connection, const Spine& spine, std::size_t pass);
  Result<> plan_passes(Connection& connection, const Spine& spine);
  void sample_values(Connection& connection);
  KernelBytes bytes_needed() const;
  void plan_groups();
  Result<> plan_read(Connection& connection, const Spine& spine);
  /// Without a spine, and without reading a row for one.
  Result<> plan_unseen(Connection& connection);
  /// Whether each of several threads scans in its own order: in the database that writes.
  bool shares_scans() const;
  void open_workers(const Connection& connection);
  void close_workers();
  Result<> run_groups(Connection& connection, std::deque<GroupJoin>& joins);
  void add_to_report(const std::deque<GroupJoin>& joins, bool first_pass);
  std::vector<AnsweredFeature> features() const;
  std::size_t threads() const;
  Result<> check_files() const;
  void begin_joins(const std::deque<GroupJoin>& joins, std::size_t pass);

  struct ForwardStop {
    std::stop_source to;
    void operator()() const { to.request_stop(); }
  };

  EngineRequest request_;
  ScanFunction function_;
  PageReaders readers_;
  std::stop_source stop_;  ///< of the workers: an error of one stops the others, too
  std::stop_callback<ForwardStop> forward_stop_;
  /// The database in which a scan has one thread; not valid where scans are shared.
  Database::Coming scans_;
  std::future<void> opening_;  ///< of it
  std::vector<Connection> workers_;
  std::future<void> closing_;  ///< of the workers; waited for in the end
  std::vector<SourceGroup> groups_;
  std::vector<std::vector<std::string>> roles_;  ///< of the spine: columns of the request
  std::size_t passes_ = 1;
  KernelBytes bytes_;
  std::uint64_t entities_ = 0;  ///< of a pass, about; as many as rows where nothing tells
  std::optional<std::uint64_t> most_rows_;  ///< of rows that are made of the sources
  std::size_t row_group_rows_ = 122'880;
  HistoricalReport report_;

  // Of the pass that is done:
  RowsOfSpine rows_;
  std::unique_ptr<KernelSpine> spine_;
  std::deque<GroupPlan> plans_;       ///< by group
  std::vector<ViewAnswers> answers_;  ///< by view of the selection
  std::deque<AnswerFunctions> functions_;
};

}  // namespace provender::offline

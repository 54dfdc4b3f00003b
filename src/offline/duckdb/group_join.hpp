#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <stop_token>
#include <vector>

#include "offline/duckdb/group_plan.hpp"
#include "offline/duckdb/kernel_spine.hpp"
#include "offline/duckdb/page_scan.hpp"
#include "offline/duckdb/project_files.hpp"
#include "offline/duckdb/source_groups.hpp"
#include "offline/duckdb/task_queue.hpp"
#include "pit/answers.hpp"
#include "pit/values.hpp"

namespace provender::offline {

/// What one view of a selection answers.
struct ViewAnswers {
  /// Views of one role and ttl have the same; without the winners once their features are read.
  std::shared_ptr<pit::Answers> answers;
  std::map<std::size_t, std::unique_ptr<pit::ValueStore>> stores;  ///< by place in the view
};

/// Winners are few where a row of so many is one: it is cheaper then to ask about each row than to
/// decode the features of all.
inline constexpr std::size_t kRowsPerFewWinners = 4;

/// Where a source is cut, its second pass is cut into so many times as many shares as the first:
/// nothing is merged for it, and none keeps the others waiting in the end.
inline constexpr std::size_t kFeatureShares = 4;

/// Joins the views of one group to the spine. The source's rows pass the kernel twice: first keys
/// and times, which say which rows win, then the features of those. Nothing else of it is kept.
class GroupJoin {
 public:
  struct Request {
    const Definitions& definitions;
    const Selection& selection;
    const ProjectFiles& files;
    const KernelSpine& spine;
    ScanFunction& function;
    const GroupPlan& plan;
    pit::Variant variant;
    std::size_t shares = 1;     ///< into which each pass is cut
    bool shares_scans = false;  ///< one scan of all rows by DuckDB has all threads
    PageReaders& readers;
    std::stop_token stop;
    RowProgress& progress;  ///< of a phase whose total has rows_to_pass()
  };
  /// All must outlive it. `answers` are those of all views of the selection.
  GroupJoin(const Request& request, const SourceGroup& group, std::vector<ViewAnswers>& answers);

  /// Parquet: adds the first pass to the queue, which later adds the second.
  void start(TaskQueue& queue);
  /// What is staged: both passes, on the connection that has the table.
  Result<> run_staged(Connection& connection);

  /// Rows that the two passes scan, at most.
  std::uint64_t rows_to_pass() const;
  std::uint64_t rows() const;
  std::uint64_t skipped_rows() const;

 private:
  /// Of files, which rows a scan hands over.
  enum class Choice : std::uint8_t { All, Winners, Keys };
  /// One scan, or some: rows of a part of the relation.
  struct Share {
    std::size_t part;
    std::vector<RowRange> ranges;
    Choice choice = Choice::All;
  };

  std::vector<Share> shares(bool winners_only) const;
  std::vector<RowGroup> with_winners(const std::vector<RowGroup>& groups) const;
  bool are_winners_few(const std::vector<RowGroup>& groups) const;
  Choice choice(const std::vector<RowGroup>& read, bool winners_only) const;
  /// What the second pass reads of a part; `winners_only`, as far as the first has found out.
  std::vector<RowGroup> features_read(std::size_t part, bool winners_only) const;
  std::uint64_t rows_of_features(bool winners_only) const;
  /// By the first pass.
  std::uint64_t rows_read() const;
  std::vector<JoinSink::Role> join_roles();
  SourceGroup::Columns feature_columns(std::size_t part) const;
  std::vector<FeatureSink::View> feature_views() const;
  KeyChoice key_choice() const;
  const std::string& key_value(std::size_t part) const;

  Result<> find_winners(Connection& connection, const Share& share);
  Result<> find_winners_in_pages(Connection& connection, const Share& share, JoinSink& sink);
  Result<> read_pages_of_features(Connection& connection, const Share& share);
  PageScan::Request page_request() const;
  std::vector<PageScan::Rows> page_rows(const Share& share) const;
  /// Those of an earlier view that judges in the same way; null: there is none.
  std::shared_ptr<pit::Answers> same_answers(std::size_t view) const;
  const FeatureView& definition_of(const SourceGroup::View& view) const;
  /// Between the passes.
  Result<> finish_winners(const pit::Parallel& parallel);
  /// Ends a scan of the first pass: the last one goes on to the second.
  Result<> end_first_scan(TaskQueue& queue);
  /// Ends one of the second: after the last one nobody asks who has won.
  void end_second_scan();
  Result<> read_features(Connection& connection, const Share& share);
  static ScanFunction::Choice choice_of(const Share& share, bool is_one_file);
  template <class Sink>
  Result<> scan(Connection& connection,
                const Share& share,
                const std::vector<const SourceRelation::Column*>& columns,
                Sink& sink);
  Error explain(Connection& connection, const Share& share, Error error) const;

  Request request_;
  const SourceGroup& group_;
  std::vector<ViewAnswers>& answers_;
  std::deque<pit::RoleJoin> joins_;  ///< by role of the group
  JoinSink::Counts counts_;
  std::atomic<std::size_t> first_scans_ = 0;  ///< that have not ended
  std::atomic<std::size_t> second_scans_ = 0;
};

}  // namespace provender::offline

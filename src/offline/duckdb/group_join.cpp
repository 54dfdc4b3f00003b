#include "offline/duckdb/group_join.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"
#include "offline/duckdb/unreadable.hpp"
#include "offline/scan_query.hpp"

namespace provender::offline {
namespace {

/// What a range is to a scan.
struct RangeScan {
  std::string from;
  std::string row;
  std::string where;
  std::int64_t row_base;
  bool is_one_file = false;  ///< `row` is a column that a choice can be made by while it is scanned
};

/// Row groups that lie apart are read by one scan as far as they are so many: each costs a
/// condition.
constexpr std::size_t kRangesTogether = 16;

/// Leaves out row groups before the first range, behind the last and between them. DuckDB's pruning
/// understands conditions that no row is in a gap, not those that each is in a range.
std::string is_in(std::span<const RowRange> ranges) {
  std::string out = fmt::format("file_row_number >= {}", *ranges.front().begin);
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    out += fmt::format(" AND (file_row_number < {} OR file_row_number >= {})",
                       ranges[i - 1].end,
                       *ranges[i].begin);
  }
  return out + fmt::format(" AND file_row_number < {}", ranges.back().end);
}

/// Of ranges of one file, or one of several files.
RangeScan scan_of(std::span<const RowRange> ranges,
                  const std::vector<std::string>& files,
                  bool hive) {
  const RowRange& range = ranges.front();
  RangeScan out{.from = parquet_scan(std::span(files).subspan(range.first_file, range.files), hive),
                .row = "file_row_number",
                .where = {},
                .row_base = static_cast<std::int64_t>(range.first_file) * kFileStride,
                .is_one_file = range.files == 1};
  if (range.files > 1) {
    out.row = fmt::format("(CAST(file_index AS BIGINT) * {} + file_row_number)", kFileStride);
  }
  if (range.begin) out.where = is_in(ranges);
  return out;
}

std::uint64_t rows_in(std::span<const RowRange> ranges, std::span<const RowGroup> groups) {
  std::uint64_t out = 0;
  for (const RowRange& range : ranges) {
    for (const RowGroup& group : groups) {
      const bool is_of_file =
          group.file >= range.first_file && group.file < range.first_file + range.files;
      const bool is_in = !range.begin || (group.begin >= *range.begin && group.begin < range.end);
      if (is_of_file && is_in) out += static_cast<std::uint64_t>(group.rows());
    }
  }
  return out;
}

/// How many ranges from the first on may be scanned together.
std::size_t count_together(std::span<const RowRange> ranges) {
  std::size_t out = 1;
  while (out < std::min(ranges.size(), kRangesTogether) && ranges[out].begin &&
         ranges[out].first_file == ranges[out - 1].first_file) {
    ++out;
  }
  return out;
}

std::uint64_t count_rows(std::span<const RowGroup> groups) {
  std::uint64_t out = 0;
  for (const RowGroup& group : groups) {
    out += static_cast<std::uint64_t>(group.rows());
  }
  return out;
}

}  // namespace

GroupJoin::GroupJoin(const Request& request,
                     const SourceGroup& group,
                     std::vector<ViewAnswers>& answers)
    : request_(request), group_(group), answers_(answers) {
  pit::Variant variant = request.variant;
  variant.known_by = variant.known_by && group.relation().has_created;
  for (const std::size_t role : group.roles) {
    joins_.emplace_back(request.spine.role(role), variant, request.stop);
  }
}

std::uint64_t GroupJoin::rows() const {
  if (group_.is_staged()) return group_.rows;
  // Those of other keys are left out, but have been read.
  const std::uint64_t read = request_.plan.chooses_keys ? rows_read() : counts_.rows.load();
  return read + request_.plan.skipped_rows;
}

std::uint64_t GroupJoin::skipped_rows() const {
  return group_.is_staged() ? group_.skipped_rows : counts_.skipped_rows.load();
}

void GroupJoin::start(TaskQueue& queue) {
  auto first = shares(false);
  first_scans_ = std::max<std::size_t>(first.size(), 1);
  if (first.empty()) {
    return queue.push_back([this, &queue](Connection&) { return end_first_scan(queue); });
  }
  for (Share& share : first) {
    queue.push_back([this, &queue, share = std::move(share)](Connection& connection) -> Result<> {
      PROVENDER_TRY(find_winners(connection, share));
      return end_first_scan(queue);
    });
  }
}

/// The second pass goes behind other groups' first: it is what threads have to do while the last
/// winners are found by one, and in the end.
Result<> GroupJoin::end_first_scan(TaskQueue& queue) {
  if (--first_scans_ > 0) return {};
  PROVENDER_TRY(finish_winners(
      {.run = [&queue](std::size_t parts, const auto& work) { queue.share(parts, work); },
       .most_parts = queue.idle() + 1}));
  request_.progress.need_not(rows_of_features(/*winners_only=*/false) -
                             rows_of_features(/*winners_only=*/true));
  auto second = shares(true);
  second_scans_ = second.size();
  for (Share& share : second) {
    queue.push_back([this, share = std::move(share)](Connection& connection) -> Result<> {
      PROVENDER_TRY(read_features(connection, share));
      end_second_scan();
      return {};
    });
  }
  return {};
}

void GroupJoin::end_second_scan() {
  if (--second_scans_ > 0) return;
  for (const SourceGroup::View& view : group_.views) {
    pit::LargeVector<std::int64_t>().swap(answers_[view.index].answers->winners);
  }
}

Result<> GroupJoin::run_staged(Connection& connection) {
  PROVENDER_TRY(find_winners(connection, {.part = 0, .ranges = {}}));
  PROVENDER_TRY(finish_winners({}));
  return read_features(connection, {.part = 0, .ranges = {}});
}

std::vector<GroupJoin::Share> GroupJoin::shares(bool winners_only) const {
  std::vector<Share> out;
  for (std::size_t part = 0; part < group_.row_groups.size(); ++part) {
    const auto& all = group_.row_groups[part];
    const std::vector<RowGroup> read =
        winners_only ? features_read(part, /*winners_only=*/true) : request_.plan.read[part];
    const Choice chosen = choice(read, winners_only);
    const bool by_pages =
        winners_only ? group_.reads_pages_of_features : group_.reads_pages_of_keys;
    std::size_t shares = request_.shares_scans && !by_pages ? 1 : request_.shares;
    if (winners_only && (shares > 1 || by_pages)) shares *= kFeatureShares;
    for (auto& ranges : cut(read, all, shares)) {
      out.push_back({.part = part, .ranges = std::move(ranges), .choice = chosen});
    }
  }
  return out;
}

GroupJoin::Choice GroupJoin::choice(const std::vector<RowGroup>& read, bool winners_only) const {
  if (winners_only && request_.plan.reads_all_features) return Choice::All;
  if (request_.plan.chooses_keys) return Choice::Keys;
  return winners_only && are_winners_few(read) ? Choice::Winners : Choice::All;
}

std::vector<RowGroup> GroupJoin::features_read(std::size_t part, bool winners_only) const {
  const std::vector<RowGroup>& all = group_.row_groups[part];
  if (request_.plan.reads_all_features) return all;
  const std::vector<RowGroup>& read = request_.plan.read[part];
  if (!winners_only) return read;
  const std::vector<RowGroup> some = with_winners(read);
  // To ask about the rows of a row group costs no more than a filter that leaves it out costs those
  // that are read.
  const bool are_most =
      request_.shares_scans && !group_.reads_pages_of_features && some.size() * 2 >= all.size();
  return are_most && choice(some, winners_only) == Choice::Winners ? all : some;
}

std::uint64_t GroupJoin::rows_of_features(bool winners_only) const {
  std::uint64_t out = 0;
  for (std::size_t part = 0; part < group_.row_groups.size(); ++part) {
    out += count_rows(features_read(part, winners_only));
  }
  return out;
}

std::uint64_t GroupJoin::rows_to_pass() const {
  if (group_.is_staged()) return 2 * group_.rows;
  return rows_read() + rows_of_features(/*winners_only=*/false);
}

std::uint64_t GroupJoin::rows_read() const {
  std::uint64_t out = 0;
  for (const std::vector<RowGroup>& read : request_.plan.read) {
    out += count_rows(read);
  }
  return out;
}

std::vector<RowGroup> GroupJoin::with_winners(const std::vector<RowGroup>& groups) const {
  std::vector<RowGroup> out;
  for (const RowGroup& group : groups) {
    const std::int64_t base = static_cast<std::int64_t>(group.file) * kFileStride;
    const bool wins = std::ranges::any_of(group_.views, [&](const SourceGroup::View& view) {
      const auto& winners = answers_[view.index].answers->winners;
      const auto next = std::ranges::lower_bound(winners, base + group.begin);
      return next != winners.end() && *next < base + group.end;
    });
    if (wins) out.push_back(group);
  }
  return out;
}

/// Whether it is cheaper to ask about each row than to decode the features of all.
bool GroupJoin::are_winners_few(const std::vector<RowGroup>& groups) const {
  std::int64_t rows = 0;
  for (const RowGroup& group : groups) {
    rows += group.rows();
  }
  std::size_t winners = 0;
  for (const SourceGroup::View& view : group_.views) {
    winners += answers_[view.index].answers->winners.size();
  }
  return winners < static_cast<std::size_t>(rows) / kRowsPerFewWinners;
}

std::vector<JoinSink::Role> GroupJoin::join_roles() {
  std::vector<JoinSink::Role> out;
  for (std::size_t role = 0; role < group_.roles.size(); ++role) {
    out.push_back({.index = request_.spine.index(group_.roles[role]), .join = joins_[role]});
  }
  return out;
}

/// Of all views, those of one behind those of the other.
SourceGroup::Columns GroupJoin::feature_columns(std::size_t part) const {
  SourceGroup::Columns out;
  for (const SourceGroup::View& view : group_.views) {
    std::ranges::copy(SourceGroup::feature_columns(view, part), std::back_inserter(out));
  }
  return out;
}

std::vector<FeatureSink::View> GroupJoin::feature_views() const {
  std::vector<FeatureSink::View> out;
  for (const SourceGroup::View& view : group_.views) {
    const ViewAnswers& answers = answers_[view.index];
    out.push_back({.answers = *answers.answers, .stores = {}});
    for (const auto& [feature, store] : answers.stores) {
      out.back().stores.push_back(store.get());
    }
  }
  return out;
}

/// Of a key of one part: an expression of its column.
const std::string& GroupJoin::key_value(std::size_t part) const {
  return group_.relation().parts[part].columns.front().conversion.value;
}

KeyChoice GroupJoin::key_choice() const {
  std::vector<const pit::EntityIndex*> indexes;
  for (const std::size_t role : group_.roles) {
    indexes.push_back(&request_.spine.index(role));
  }
  return {group_.key_types.front(), std::move(indexes)};
}

Result<> GroupJoin::find_winners(Connection& connection, const Share& share) {
  JoinSink sink(
      group_.key_types, group_.relation().has_created, join_roles(), request_.plan.replay, counts_);
  if (group_.reads_pages_of_keys) return find_winners_in_pages(connection, share, sink);
  if (share.choice == Choice::Keys) sink.choose_by(key_choice());
  return scan(connection, share, group_.key_columns(share.part), sink);
}

const FeatureView& GroupJoin::definition_of(const SourceGroup::View& view) const {
  return *request_.definitions.feature_view(request_.selection.views[view.index].view);
}

std::shared_ptr<pit::Answers> GroupJoin::same_answers(std::size_t view) const {
  const SourceGroup::View& own = group_.views[view];
  for (const SourceGroup::View& earlier : std::span(group_.views).first(view)) {
    if (earlier.role == own.role && definition_of(earlier).ttl == definition_of(own).ttl) {
      return answers_[earlier.index].answers;
    }
  }
  return nullptr;
}

Result<> GroupJoin::finish_winners(const pit::Parallel& parallel) {
  for (std::size_t role = 0; role < joins_.size(); ++role) {
    const auto best = joins_[role].finish(parallel);
    for (std::size_t v = 0; v < group_.views.size(); ++v) {
      const SourceGroup::View& view = group_.views[v];
      if (view.role != role) continue;
      const FeatureView& definition = definition_of(view);
      ViewAnswers& out = answers_[view.index];
      out.answers = same_answers(v);
      if (!out.answers) {
        out.answers = std::make_shared<pit::Answers>(
            pit::judge(joins_[role].spine(), best, definition.ttl, request_.stop, parallel));
      }
      if (request_.stop.stop_requested()) return stopped();
      std::vector<Type> types;
      for (const std::size_t feature : view.features) {
        types.push_back(definition.features[feature].type);
      }
      auto stores = pit::ValueStore::together(types, out.answers->winners.size());
      for (std::size_t i = 0; i < stores.size(); ++i) {
        out.stores[view.features[i]] = std::move(stores[i]);
      }
    }
  }
  joins_.clear();
  return {};
}

Result<> GroupJoin::read_features(Connection& connection, const Share& share) {
  if (group_.reads_pages_of_features) return read_pages_of_features(connection, share);
  FeatureSink sink(feature_views());
  if (share.choice == Choice::Keys) sink.choose_by(key_choice());
  return scan(connection, share, feature_columns(share.part), sink);
}

PageScan::Request GroupJoin::page_request() const {
  return {.files = group_.pages,
          .names = request_.files,
          .readers = request_.readers,
          .progress = request_.progress,
          .stop = request_.stop};
}

std::vector<PageScan::Rows> GroupJoin::page_rows(const Share& share) const {
  const bool is_flawless =
      std::ranges::all_of(request_.plan.read[share.part], &RowGroup::is_flawless);
  std::vector<PageScan::Rows> out;
  for (const RowRange& range : share.ranges) {
    for (std::size_t i = 0; i < range.files; ++i) {
      const std::size_t file = range.first_file + i;
      const PageFile::Rows all{.begin = 0, .end = group_.pages.file(file).rows()};
      const bool is_whole = !range.begin;
      out.push_back(
          {.file = file,
           .rows = is_whole ? all : PageFile::Rows{.begin = *range.begin, .end = range.end},
           .is_flawless = is_flawless});
    }
  }
  return out;
}

Result<> GroupJoin::find_winners_in_pages(Connection& connection,
                                          const Share& share,
                                          JoinSink& sink) {
  PageScan pages(page_request());
  const SourceGroup::Columns columns = group_.key_columns(share.part);
  for (const PageScan::Rows& rows : page_rows(share)) {
    auto done = pages.find_winners(rows, columns, sink);
    if (!done) return explain(connection, share, std::move(done).error());
  }
  return {};
}

Result<> GroupJoin::read_pages_of_features(Connection& connection, const Share& share) {
  PageScan pages(page_request());
  const std::vector<FeatureSink::View> views = feature_views();
  std::vector<PageScan::ViewFeatures> features;
  for (std::size_t v = 0; v < views.size(); ++v) {
    features.push_back(
        {.columns = SourceGroup::feature_columns(group_.views[v], share.part), .view = views[v]});
  }
  for (const PageScan::Rows& rows : page_rows(share)) {
    auto done = pages.read_features(rows, features);
    if (!done) return explain(connection, share, std::move(done).error());
  }
  return {};
}

ScanFunction::Choice GroupJoin::choice_of(const Share& share, bool is_one_file) {
  if (share.choice == Choice::Keys) return ScanFunction::Choice::ByKey;
  return share.choice == Choice::Winners && is_one_file ? ScanFunction::Choice::ByRow
                                                        : ScanFunction::Choice::None;
}

template <class Sink>
Result<> GroupJoin::scan(Connection& connection,
                         const Share& share,
                         const std::vector<const SourceRelation::Column*>& columns,
                         Sink& sink) {
  const SourcePart& source = group_.relation().parts[share.part].source;
  std::vector<RangeScan> scans;
  for (std::span<const RowRange> ranges = share.ranges; !ranges.empty();) {
    const std::size_t count = share.choice == Choice::Keys ? count_together(ranges) : 1;
    scans.push_back(scan_of(ranges.first(count), group_.files, source.hive));
    ranges = ranges.subspan(count);
  }
  if (group_.is_staged()) {
    scans.push_back({.from = source.from, .row = source.position, .where = {}, .row_base = 0});
  }
  const bool by_key = share.choice == Choice::Keys;
  for (const RangeScan& range : scans) {
    sink.set_row_base(range.row_base);
    auto done = request_.function.scan(connection,
                                       {.function = {},
                                        .from = range.from,
                                        .row = range.row,
                                        .where = range.where,
                                        .choice = {},
                                        .chosen_by = by_key ? key_value(share.part) : "",
                                        .columns = columns},
                                       sink,
                                       choice_of(share, range.is_one_file));
    if (!done) return explain(connection, share, std::move(done).error());
  }
  if (by_key) request_.progress.add(rows_in(share.ranges, group_.row_groups[share.part]));
  return {};
}

Error GroupJoin::explain(Connection& connection, const Share& share, Error error) const {
  if (error.code() == ErrorCode::Cancelled) return error;
  if (auto same = group_.states.check(); !same) return std::move(same).error();
  const auto& name = request_.selection.views[group_.views.front().index].view;
  const auto within = [](Error inner, std::string_view view) {
    return std::move(inner).within(fmt::format("feature view '{}'", view));
  };
  if (!is_lost_value(error)) {
    const std::string message(error.message());
    for (const SourceGroup::View& view : group_.views) {
      error = explain_unreadable(connection, request_.files, view.relation, std::move(error));
      if (error.message() != message) break;
    }
    return within(std::move(error), name);
  }
  auto all = check_values(connection, request_.files, request_.selection, group_, share.part);
  if (!all) return std::move(all).error();
  return within({ErrorCode::Conflict, "the source changed while it was read"}, name);
}

}  // namespace provender::offline

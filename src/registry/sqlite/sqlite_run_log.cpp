#include "registry/sqlite/sqlite_run_log.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/try.hpp"
#include "registry/sqlite/leases.hpp"
#include "registry/sqlite/stores.hpp"

namespace provender::registry::sqlite {
namespace {

constexpr std::string_view kSelectRuns =
    "SELECT id, view, store_id, version, end, started, finished, rows_read, rows_written, "
    "rows_kept, rows_skipped, "
    "watermark, error FROM runs ";

Run run_of(const Statement& row) {
  return {.id = row.number<std::uint64_t>(0),
          .view = row.text(1),
          .store_id = row.number<std::uint32_t>(2),
          .version = row.number<std::uint64_t>(3),
          .end = row.timestamp(4),
          .started = row.timestamp(5),
          .finished = row.optional_timestamp(6),
          .rows_read = row.number<std::uint64_t>(7),
          .rows_written = row.number<std::uint64_t>(8),
          .rows_kept = row.number<std::uint64_t>(9),
          .rows_skipped = row.number<std::uint64_t>(10),
          .watermark = row.optional_timestamp(11),
          .error = row.text(12)};
}

/// A view that is due each minute has half a million runs a year.
Result<> forget_old_runs(Database& database, const std::string& view) {
  return database.run(
      "DELETE FROM runs WHERE view = ?1 "
      "AND id <= (SELECT id FROM runs WHERE view = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2) "
      "AND id NOT IN (SELECT max(id) FROM runs WHERE view = ?1 AND finished IS NOT NULL AND error "
      "= '' "
      "GROUP BY store_id)",
      view,
      kRunsKept);
}

Result<Run> load_unfinished(Database& database, std::uint64_t id) {
  PROVENDER_ASSIGN(auto row, database.query(std::string(kSelectRuns) + "WHERE id = ?", id));
  PROVENDER_ASSIGN(const bool has_row, row.next());
  if (!has_row) return Error(ErrorCode::NotFound, fmt::format("run {} was never begun", id));
  auto run = run_of(row);
  if (!run.finished) return run;
  return Error(ErrorCode::FailedPrecondition,
               fmt::format("run {} of {} was finished at {} already",
                           id,
                           run.view,
                           format_timestamp(*run.finished)));
}

Result<> record_end(Database& database, const Run& run) {
  return database.run(
      "UPDATE runs SET finished = ?, rows_read = ?, rows_written = ?, rows_kept = ?, rows_skipped "
      "= ?, watermark = ?, "
      "error = ? WHERE id = ?",
      run.finished,
      run.rows_read,
      run.rows_written,
      run.rows_kept,
      run.rows_skipped,
      run.watermark,
      run.error,
      run.id);
}

/// "serving", "building" or "dead"; empty: it was never made here.
Result<std::string> state_of(Database& database, const Run& begun) {
  PROVENDER_ASSIGN(
      auto row,
      database.query(
          "SELECT state FROM stores WHERE store_id = ? AND view = ?", begun.store_id, begun.view));
  PROVENDER_ASSIGN(const bool is_there, row.next());
  return is_there ? row.text(0) : std::string();
}

Result<> promote(Database& database, const std::string& view, Timestamp now) {
  Stores stores(database, now);
  PROVENDER_TRY(stores.promote(view));
  return stores.touch();
}

}  // namespace

Result<Lease> SqliteRunLog::acquire(const std::string& name,
                                    const std::string& holder,
                                    Timestamp now,
                                    Duration length) {
  const std::lock_guard lock(connection_.mutex);
  return acquire_lease(*connection_.database,
                       {.name = name, .holder = holder, .now = now, .length = length});
}

Result<std::optional<Lease>> SqliteRunLog::current(const std::string& name) {
  const std::lock_guard lock(connection_.mutex);
  return current_lease(*connection_.database, name);
}

Result<Lease> SqliteRunLog::renew(const Lease& lease, Timestamp now, Duration length) {
  const std::lock_guard lock(connection_.mutex);
  return renew_lease(*connection_.database, lease, now, length);
}

Result<> SqliteRunLog::release(const Lease& lease) {
  const std::lock_guard lock(connection_.mutex);
  return release_lease(*connection_.database, lease);
}

Result<Run> SqliteRunLog::begin_run(Run run) {
  const std::lock_guard lock(connection_.mutex);
  auto& database = *connection_.database;
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database));
  PROVENDER_TRY(
      database.run("INSERT INTO runs (view, store_id, version, end, started, rows_read, "
                   "rows_written, rows_kept, "
                   "rows_skipped, error) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, '')",
                   run.view,
                   run.store_id,
                   run.version,
                   run.end,
                   run.started));
  run.id = static_cast<std::uint64_t>(database.last_id());
  PROVENDER_TRY(forget_old_runs(database, run.view));
  PROVENDER_TRY(transaction.commit());
  return run;
}

Result<> SqliteRunLog::finish_run(const Run& run, const Lease& lease) {
  if (!run.finished) {
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("run {} of {}: the time when it finished is not set", run.id, run.view));
  }
  const std::lock_guard lock(connection_.mutex);
  auto& database = *connection_.database;
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database));
  PROVENDER_TRY(check_held(database, lease));
  PROVENDER_ASSIGN(const auto begun, load_unfinished(database, run.id));
  PROVENDER_ASSIGN(const std::string state, state_of(database, begun));
  if (run.error.empty() && state == "dead") {
    Run lost = run;
    lost.error = fmt::format(
        "feature view {} was changed, rebuilt or removed while it was materialized: nobody reads "
        "what was written; run it again",
        begun.view);
    PROVENDER_TRY(record_end(database, lost));
    PROVENDER_TRY(transaction.commit());
    return Error(ErrorCode::Conflict, lost.error);
  }
  PROVENDER_TRY(record_end(database, run));
  if (run.error.empty() && state == "building") {
    PROVENDER_TRY(promote(database, begun.view, clock_.now()));
  }
  return transaction.commit();
}

Result<std::vector<Run>> SqliteRunLog::runs(const std::string& view, std::size_t limit) {
  const std::lock_guard lock(connection_.mutex);
  const auto most = std::min<std::size_t>(limit, std::numeric_limits<std::int32_t>::max());
  PROVENDER_ASSIGN(
      auto row,
      connection_.database->query(
          std::string(kSelectRuns) + "WHERE view = ? ORDER BY id DESC LIMIT ?", view, most));
  std::vector<Run> result;
  while (true) {
    PROVENDER_ASSIGN(const bool has_row, row.next());
    if (!has_row) return result;
    result.push_back(run_of(row));
  }
}

Result<std::optional<Run>> SqliteRunLog::last_success(const std::string& view,
                                                      std::uint32_t store_id) {
  const std::lock_guard lock(connection_.mutex);
  PROVENDER_ASSIGN(
      auto row,
      connection_.database->query(std::string(kSelectRuns) +
                                      "WHERE view = ? AND store_id = ? AND finished IS NOT NULL "
                                      "AND error = '' ORDER BY id DESC LIMIT 1",
                                  view,
                                  store_id));
  PROVENDER_ASSIGN(const bool has_row, row.next());
  if (!has_row) return std::optional<Run>();
  return std::optional(run_of(row));
}

}  // namespace provender::registry::sqlite

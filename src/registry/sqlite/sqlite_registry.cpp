#include "registry/sqlite/sqlite_registry.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "model/definitions_json.hpp"
#include "registry/sqlite/format.hpp"
#include "registry/sqlite/load.hpp"
#include "registry/sqlite/sqlite_run_log.hpp"
#include "registry/sqlite/stores.hpp"
#include "registry/sqlite/update_storage.hpp"

namespace provender::registry {
namespace sqlite {
namespace {

using SharedSnapshot = std::shared_ptr<const Snapshot>;

/// Threads of one process queue at the connection's mutex, processes in SQLite.
class SqliteRegistry final : public Registry {
 public:
  SqliteRegistry(std::unique_ptr<Database> database, const Clock& clock)
      : clock_(clock), run_log_(connection_, clock) {
    connection_.database = std::move(database);
  }

  Result<SharedSnapshot> snapshot() override;
  Result<Definitions> definitions_at(std::uint64_t version) override;
  Result<std::vector<Version>> history() override;
  Result<SharedSnapshot> apply(ApplyRequest request) override;
  Result<SharedSnapshot> rebuild(const std::string& view) override;
  Result<> swept(std::span<const std::uint32_t> store_ids) override;
  RunLog& runs() override { return run_log_; }

 private:
  Database& database() const { return *connection_.database; }
  Result<SharedSnapshot> current();
  Result<SharedSnapshot> commit(Transaction transaction);
  Error stale(std::uint64_t base_version, const Snapshot& applied) const;

  const Clock& clock_;
  Connection connection_;
  SqliteRunLog run_log_;
  SharedSnapshot cached_;  ///< guarded by the connection's mutex
};

/// In the caller's transaction.
Result<SharedSnapshot> SqliteRegistry::current() {
  PROVENDER_ASSIGN(const auto revision, load_revision(database()));
  if (cached_ != nullptr && cached_->revision == revision) return cached_;
  PROVENDER_ASSIGN(auto loaded, load_snapshot(database()));
  return std::make_shared<const Snapshot>(std::move(loaded));
}

/// Reads back what was written before it is committed: what cannot be read is never applied.
Result<SharedSnapshot> SqliteRegistry::commit(Transaction transaction) {
  PROVENDER_TRY(Stores(database(), clock_.now()).touch());
  PROVENDER_ASSIGN(auto written, current());
  PROVENDER_TRY(transaction.commit());
  cached_ = written;
  return written;
}

Result<SharedSnapshot> SqliteRegistry::snapshot() {
  const std::lock_guard lock(connection_.mutex);
  PROVENDER_ASSIGN(auto transaction, Transaction::read(database()));
  PROVENDER_ASSIGN(cached_, current());
  return cached_;
}

Result<Definitions> SqliteRegistry::definitions_at(std::uint64_t version) {
  const std::lock_guard lock(connection_.mutex);
  return load_definitions(database(), version);
}

Result<std::vector<Version>> SqliteRegistry::history() {
  const std::lock_guard lock(connection_.mutex);
  PROVENDER_ASSIGN(auto row,
                   database().query("SELECT version, applied_at, applied_by, summary FROM versions "
                                    "ORDER BY version DESC"));
  std::vector<Version> versions;
  while (true) {
    PROVENDER_ASSIGN(const bool has_row, row.next());
    if (!has_row) return versions;
    versions.push_back({.version = row.number<std::uint64_t>(0),
                        .applied_at = row.timestamp(1),
                        .applied_by = row.text(2),
                        .summary = row.text(3)});
  }
}

Error SqliteRegistry::stale(std::uint64_t base_version, const Snapshot& applied) const {
  return {
      ErrorCode::Conflict,
      fmt::format(
          "the plan was made against version {}, but version {} is applied since {}: plan again",
          base_version,
          applied.version,
          format_timestamp(applied.applied_at))};
}

Result<> check_key_types(const Definitions& definitions) {
  for (const auto& entity : definitions.entities) {
    const auto untyped =
        std::ranges::find_if(entity.keys, [](const JoinKey& key) { return !key.type; });
    if (untyped == entity.keys.end()) continue;
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("entity {}: key {} has no type and no feature view's source to take "
                             "one from: declare its type",
                             entity.name,
                             untyped->name));
  }
  return {};
}

Result<SharedSnapshot> SqliteRegistry::apply(ApplyRequest request) {
  PROVENDER_TRY(check_key_types(request.definitions));
  const std::lock_guard lock(connection_.mutex);
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database()));
  PROVENDER_ASSIGN(auto applied, current());
  if (applied->version != request.base_version) return stale(request.base_version, *applied);
  if (applied->definitions == request.definitions) return applied;
  PROVENDER_TRY(update_storage(database(), *applied, request.definitions, clock_.now()));
  PROVENDER_TRY(database().run("INSERT INTO versions VALUES (?, ?, ?, ?, ?)",
                               applied->version + 1,
                               clock_.now(),
                               request.applied_by,
                               request.summary,
                               to_json(request.definitions)));
  return commit(std::move(transaction));
}

Result<SharedSnapshot> SqliteRegistry::rebuild(const std::string& view) {
  const std::lock_guard lock(connection_.mutex);
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database()));
  PROVENDER_ASSIGN(const auto applied, current());
  const auto storage = applied->storage.find(view);
  if (storage == applied->storage.end()) {
    return Error(ErrorCode::NotFound,
                 fmt::format("there is no feature view {} in version {}", view, applied->version));
  }
  const auto& target = storage->second.target();
  Stores stores(database(), clock_.now());
  PROVENDER_TRY(stores.retire(view, StoreState::Building));
  PROVENDER_TRY(stores.add({.view = view,
                            .state = StoreState::Building,
                            .entity_set = target.entity_set,
                            .schema_id = target.schema_id}));
  return commit(std::move(transaction));
}

Result<> SqliteRegistry::swept(std::span<const std::uint32_t> store_ids) {
  const std::lock_guard lock(connection_.mutex);
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database()));
  std::int64_t forgotten = 0;
  for (const auto id : store_ids) {
    PROVENDER_ASSIGN(
        auto live,
        database().query("SELECT view FROM stores WHERE store_id = ? AND state <> 'dead'", id));
    PROVENDER_ASSIGN(const bool is_live, live.next());
    if (is_live) {
      return Error(
          ErrorCode::FailedPrecondition,
          fmt::format("store id {} is in use by feature view {}: only dead ones can be swept",
                      id,
                      live.text(0)));
    }
    PROVENDER_TRY(database().run("DELETE FROM stores WHERE store_id = ?", id));
    forgotten += database().changed_rows();
  }
  if (forgotten == 0) return {};
  PROVENDER_TRY(Stores(database(), clock_.now()).touch());
  return transaction.commit();
}

/// The folder of a registry that is to be made, and the file otherwise.
Result<> prepare_path(const SqliteOptions& options) {
  std::error_code failure;
  if (options.create) {
    const auto folder = std::filesystem::absolute(options.path).parent_path();
    std::filesystem::create_directories(folder, failure);
    if (failure) return system_error("create the folder of the registry", folder, failure.value());
    return {};
  }
  const bool is_there = std::filesystem::exists(options.path, failure);
  if (failure) return system_error("open the registry", options.path, failure.value());
  if (is_there) return {};
  return Error(ErrorCode::NotFound,
               fmt::format("registry {}: the file does not exist: run `provender apply` first",
                           options.path.native()));
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Registry>> open_sqlite_registry(const SqliteOptions& options) {
  PROVENDER_TRY(sqlite::prepare_path(options));
  PROVENDER_ASSIGN(
      auto database,
      sqlite::Database::open(
          {.path = options.path, .create = options.create, .busy_timeout = options.busy_timeout}));
  PROVENDER_TRY(sqlite::prepare_registry(*database, options.create));
  return std::make_unique<sqlite::SqliteRegistry>(std::move(database), options.clock);
}

}  // namespace provender::registry

#include "store/local_store.hpp"

#include <algorithm>
#include <array>

#include "arrow/abi.hpp"
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "base/try.hpp"
#include "codec/key_codec.hpp"
#include "definitions/loader.hpp"
#include "materialize/scheduler.hpp"
#include "materialize/status.hpp"
#include "model/problem.hpp"
#include "offline/source_check.hpp"
#include "online/lmdb/lmdb_store.hpp"
#include "online/redis/redis_store.hpp"
#include "registry/plan.hpp"
#include "registry/resolve.hpp"
#include "registry/sqlite/sqlite_registry.hpp"
#include "serving/reader.hpp"
#include "store/describe.hpp"
#include "store/pending_registry.hpp"
#include "store/pending_store.hpp"
#include "store/row_names.hpp"

namespace provender {

Result<std::unique_ptr<FeatureStore>> FeatureStore::open(const OpenOptions& options) {
  PROVENDER_ASSIGN(auto store, store::LocalStore::open(options));
  return std::unique_ptr<FeatureStore>(std::move(store));
}

namespace store {
namespace {

/// user@host, as a trace of who applied.
std::string this_user() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known =
      getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format(
      "{}@{}", known ? std::string(found->pw_name) : std::to_string(geteuid()), host.data());
}

/// How long commands wait for another process that writes the registry, and who only reads
/// features: they have what they read last.
constexpr auto kPatience = std::chrono::seconds(5);
constexpr auto kReaderPatience = std::chrono::seconds(1);

Result<std::unique_ptr<registry::Registry>> open_registry(const definitions::ProjectConfig& config,
                                                          const Clock& clock,
                                                          bool read_only,
                                                          std::chrono::milliseconds patience) {
  if (config.registry.kind != definitions::RegistryConfig::Kind::Sqlite) {
    return Error(ErrorCode::Unimplemented,
                 "a registry in PostgreSQL is not supported yet: use a path in provender.yaml");
  }
  const auto open = [path = config.registry.path, &clock, read_only, patience] {
    return registry::open_sqlite_registry(
        {.path = path, .clock = clock, .create = !read_only, .busy_timeout = patience});
  };
  auto opened = open();
  if (opened || !read_only || opened.error().code() != ErrorCode::NotFound) return opened;
  return make_pending_registry(open);
}

Result<std::shared_ptr<const online::RowNames>> names_in(registry::Registry& registry) {
  PROVENDER_ASSIGN(const auto now, registry.snapshot());
  return row_names(*now);
}

bool same_changes(const Plan& a, const Plan& b) {
  if (a.base_version != b.base_version || a.changes.size() != b.changes.size()) return false;
  for (std::size_t i = 0; i < a.changes.size(); ++i) {
    const Change& x = a.changes[i];
    const Change& y = b.changes[i];
    if (x.action != y.action || x.kind != y.kind || x.name != y.name || x.details != y.details) {
      return false;
    }
  }
  return true;
}

/// No store holds rows of a key that is too long: who asks for one hears it offline, too.
Result<> check_key_sizes(const Selection& selection, std::span<const Value> keys) {
  if (keys.size() != selection.keys.size()) return {};  // said by the offline store
  for (const SelectedView& view : selection.views) {
    std::vector<ValueView> parts;
    for (const std::string& name : view.request_keys) {
      const auto key = std::ranges::find(selection.keys, name, &RequestKey::name);
      const Value& value = keys[static_cast<std::size_t>(key - selection.keys.begin())];
      if (key->type && !value.is_null()) parts.push_back(to_view(value, *key->type));
    }
    PROVENDER_TRY(codec::encode_key(parts));
  }
  return {};
}

}  // namespace

LocalStore::LocalStore(definitions::ProjectConfig config, Logger* logger, bool read_only)
    : config_(std::move(config)),
      logger_(logger != nullptr ? logger : &silence_),
      read_only_(read_only),
      loop_names_([this] { return names_in(*readers_registry_); }) {}

Result<std::unique_ptr<LocalStore>> LocalStore::open(const OpenOptions& options) {
  PROVENDER_ASSIGN(auto config, definitions::load_project(options.project));
  std::unique_ptr<LocalStore> store(
      new LocalStore(std::move(config), options.logger, options.read_only));
  PROVENDER_ASSIGN(store->registry_,
                   open_registry(store->config_, store->clock_, options.read_only, kPatience));
  return store;
}

Result<offline::OfflineStore*> LocalStore::offline() {
  const std::scoped_lock lock(mutex_);
  if (!offline_) {
    PROVENDER_ASSIGN(offline_,
                     offline::open_offline_store({.project = config_.folder,
                                                  .roots = config_.offline.roots,
                                                  .memory_limit = config_.offline.memory_limit,
                                                  .threads = config_.offline.threads}));
  }
  return offline_.get();
}

Result<std::unique_ptr<online::OnlineStore>> LocalStore::open_online() {
  using Kind = definitions::OnlineConfig::Store;
  PROVENDER_ASSIGN(const auto snapshot, registry_->snapshot());
  if (snapshot->registry_id.empty()) return Error(ErrorCode::NotFound, "nothing is applied yet");
  if (config_.online.store == Kind::Lmdb) {
    return online::open_lmdb_store({.path = config_.online.path,
                                    .project = config_.project,
                                    .registry_id = snapshot->registry_id,
                                    .map_size = config_.online.map_size,
                                    .read_only = read_only_});
  }
  const auto names = row_names(*snapshot);
  return online::open_redis_store({.settings = config_.online.redis,
                                   .project = config_.project,
                                   .registry_id = snapshot->registry_id,
                                   .read_only = read_only_,
                                   .names = [this] { return names_in(*registry_); },
                                   .names_on_loop = [this] { return loop_names_.get(); },
                                   .known_names = names ? *names : nullptr});
}

Result<online::OnlineStore*> LocalStore::online_store() {
  const std::scoped_lock lock(mutex_);
  if (online_) return online_.get();
  auto opened = open_online();
  if (!opened && read_only_ && opened.error().code() == ErrorCode::NotFound) {
    opened = make_pending_store([this] { return open_online(); });
  }
  PROVENDER_ASSIGN(online_, std::move(opened));
  return online_.get();
}

Result<OnlineReader*> LocalStore::online() {
  PROVENDER_ASSIGN(online::OnlineStore * store, online_store());
  const std::scoped_lock lock(mutex_);
  if (reader_) return reader_.get();
  PROVENDER_ASSIGN(readers_registry_, open_registry(config_, clock_, read_only_, kReaderPatience));
  reader_ = serving::make_reader(*readers_registry_, *store, clock_);
  return reader_.get();
}

Result<materialize::Stores> LocalStore::stores() {
  PROVENDER_ASSIGN(offline::OfflineStore * history, offline());
  PROVENDER_ASSIGN(online::OnlineStore * latest, online_store());
  return materialize::Stores{.registry = *registry_,
                             .offline = *history,
                             .online = *latest,
                             .clock = clock_,
                             .logger = *logger_};
}

Result<LocalStore::Checked> LocalStore::load(const Control& control) {
  PROVENDER_ASSIGN(auto declared, definitions::load_definitions(config_));
  const std::scoped_lock lock(checked_mutex_);
  if (checked_ && checked_->declared == declared) return *checked_;
  PROVENDER_ASSIGN(offline::OfflineStore * history, offline());
  Definitions resolved = declared;
  PROVENDER_ASSIGN(auto sources, offline::resolve_sources(*history, resolved, control));
  if (!sources.problems.empty()) return to_error(std::move(sources.problems));
  checked_ = {.declared = std::move(declared),
              .resolved = std::move(resolved),
              .rows = std::move(sources.rows)};
  return *checked_;
}

Result<Plan> LocalStore::plan(const Control& control) {
  PROVENDER_ASSIGN(const auto checked, load(control));
  PROVENDER_ASSIGN(const auto snapshot, registry_->snapshot());
  return registry::make_plan(*snapshot, checked.resolved, checked.rows);
}

Result<Version> LocalStore::apply(const Plan& expected, const Control& control) {
  PROVENDER_ASSIGN(auto checked, load(control));
  PROVENDER_ASSIGN(const auto before, registry_->snapshot());
  const Plan plan = registry::make_plan(*before, checked.resolved, checked.rows);
  if (!same_changes(plan, expected)) {
    return Error(ErrorCode::Conflict,
                 "the definitions or the registry changed since the plan was made: plan again");
  }
  PROVENDER_ASSIGN(const auto after,
                   registry_->apply({.definitions = std::move(checked.resolved),
                                     .base_version = expected.base_version,
                                     .applied_by = this_user(),
                                     .summary = plan.summary()}));
  PROVENDER_ASSIGN(const auto versions, registry_->history());
  for (const Version& version : versions) {
    if (version.version == after->version) return version;
  }
  return Error(ErrorCode::Internal,
               fmt::format("version {} is not in the registry's history", after->version));
}

Result<std::vector<Version>> LocalStore::history() {
  return registry_->history();
}

Result<std::vector<FeatureInfo>> LocalStore::features() {
  PROVENDER_ASSIGN(const auto snapshot, registry_->snapshot());
  return describe_features(snapshot->definitions);
}

Result<Catalog> LocalStore::catalog() {
  PROVENDER_ASSIGN(const auto snapshot, registry_->snapshot());
  return describe(*snapshot);
}

Result<HistoricalReport> LocalStore::get_historical_features(const HistoricalOptions& options,
                                                             const Control& control) {
  arrow::Stream spine;  // ours from here on
  HistoricalOptions ours = options;
  if (options.spine_stream != nullptr) {
    spine = arrow::Stream(*options.spine_stream);
    ours.spine_stream = spine.out();
  }
  PROVENDER_ASSIGN(const auto snapshot, registry_->snapshot());
  PROVENDER_ASSIGN(const auto selection, registry::resolve(*registry_, *snapshot, ours.features));
  PROVENDER_ASSIGN(offline::OfflineStore * history, offline());
  return history->historical(
      {.definitions = snapshot->definitions, .selection = selection, .options = ours}, control);
}

Result<std::shared_ptr<const PreparedRead>> LocalStore::prepare(const FeatureRequest& request) {
  return serving::prepare(*registry_, request);
}

Result<std::vector<ValueAsOf>> LocalStore::get_as_of(const FeatureRequest& request,
                                                     std::span<const Value> keys,
                                                     Timestamp t,
                                                     const Control& control) {
  PROVENDER_ASSIGN(const auto snapshot, registry_->snapshot());
  PROVENDER_ASSIGN(const auto selection, registry::resolve(*registry_, *snapshot, request));
  PROVENDER_TRY(check_key_sizes(selection, keys));
  PROVENDER_ASSIGN(offline::OfflineStore * history, offline());
  return history->as_of(snapshot->definitions, selection, keys, t, control);
}

Result<std::vector<Run>> LocalStore::materialize(const MaterializeOptions& options,
                                                 const Control& control) {
  PROVENDER_ASSIGN(const auto all, stores());
  return materialize::materialize(all, options, control);
}

Result<std::vector<Run>> LocalStore::run(bool once, const Control& control) {
  PROVENDER_ASSIGN(const auto all, stores());
  return materialize::run(all, once, control);
}

Result<std::vector<ViewStatus>> LocalStore::status() {
  return materialize::status(*registry_, clock_.now());
}

}  // namespace store
}  // namespace provender

#include "online/redis/redis_store.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>

#include <fmt/format.h>

#include "base/try.hpp"
#include "online/redis/blocking_pool.hpp"
#include "online/redis/row_reads.hpp"
#include "online/redis/row_writes.hpp"
#include "online/store_key.hpp"

namespace provender::online {
namespace redis {
namespace {

class RedisStore final : public OnlineStore {
 public:
  RedisStore(StoreParts parts, StoreParts loop_parts, bool is_read_only)
      : parts_(std::move(parts)),
        loop_parts_(std::move(loop_parts)),
        pool_(parts_.access),
        is_read_only_(is_read_only) {}

  void read(std::span<const Lookup> lookups, ReadDone done) override;
  void check(CheckDone done) override;
  std::unique_ptr<RowReader> reader_on(EventLoop& loop) override {
    return std::make_unique<LoopReader>(loop, loop_parts_);
  }
  Result<WriteResult> write(std::span<const WriteRow> rows) override;
  Result<> flush() override { return {}; }  // how durable it is, is the server's configuration
  Result<std::uint64_t> sweep(std::span<const std::uint32_t> store_ids,
                              std::stop_token stop) override;
  Result<StoreStats> stats() override;
  bool prefers_ordered_writes() const override { return true; }
  std::optional<StoreActivity> activity() const override {
    const Activity& counted = *parts_.access->activity;
    return StoreActivity{.connections = counted.connections,
                         .in_flight = counted.in_flight,
                         .reconnects = counted.reconnects};
  }

 private:
  const RedisSettings& settings() const { return parts_.access->settings; }
  Result<> check_writable() const;

  StoreParts parts_;
  StoreParts loop_parts_;  ///< whose names nobody waits for
  BlockingPool pool_;
  bool is_read_only_;
};

Result<> RedisStore::check_writable() const {
  if (is_read_only_) return opened_read_only();
  return {};
}

void RedisStore::read(std::span<const Lookup> lookups, ReadDone done) {
  auto call = make_read(parts_, lookups, nullptr);
  if (!call) return done(std::move(call).error());
  if ((*call)->size() > 0) {
    auto client = pool_.take();
    if (!client) return done(std::move(client).error());
    call = (*client)->run(*std::move(call), settings().timeout);
    if (!call) return done(to_reader(call.error()));
  }
  FoundRows found;
  if (auto taken = take_rows(parts_, lookups, **call, found); !taken) {
    return done(std::move(taken).error());
  }
  done(std::span<const std::string_view>(found.rows));
}

void RedisStore::check(CheckDone done) {
  auto client = pool_.take();
  if (!client) return done(std::move(client).error());
  auto call = std::make_unique<Call>();
  parts_.header->ask(*call);
  auto answered = (*client)->run(std::move(call), settings().timeout);
  if (!answered) return done(to_reader(answered.error()));
  done(check_header(parts_, (*answered)->reply(0)));
}

Result<WriteResult> RedisStore::write(std::span<const WriteRow> rows) {
  PROVENDER_TRY(check_writable());
  PROVENDER_TRY(check_rows(rows));
  if (rows.empty()) return WriteResult{};
  PROVENDER_ASSIGN(auto client, pool_.take());
  if (!parts_.header->is_known()) PROVENDER_TRY(claim_header(parts_, *client));
  return write_rows(parts_, *client, rows);
}

Result<std::uint64_t> RedisStore::sweep(std::span<const std::uint32_t> store_ids,
                                        std::stop_token stop) {
  PROVENDER_TRY(check_writable());
  std::uint64_t removed = 0;
  if (store_ids.empty()) return removed;
  PROVENDER_ASSIGN(auto client, pool_.take());
  const auto remove = [&](Call& call, std::string_view key) {
    parts_.layout->remove(call, key, store_ids);
  };
  PROVENDER_TRY(each_key(parts_, *client, stop, remove, [&](const Call& call) {
    for (std::size_t i = 0; i < call.size(); ++i) {
      removed += static_cast<std::uint64_t>(std::max<std::int64_t>(call.reply(i).number(), 0));
    }
  }));
  return removed;
}

Result<StoreStats> RedisStore::stats() {
  StoreStats stats;
  PROVENDER_ASSIGN(auto client, pool_.take());
  const auto ask = [&](Call& call, std::string_view key) {
    parts_.layout->count(call, key);
    append_command(call.begin(slot_of(key)), {"MEMORY", "USAGE", key});
  };
  PROVENDER_TRY(each_key(parts_, *client, {}, ask, [&](const Call& call) {
    for (std::size_t i = 0; i + 1 < call.size(); i += 2) {
      if (call.reply(i).number() <= 0) continue;  // a key of others, or gone meanwhile
      stats.rows += static_cast<std::uint64_t>(call.reply(i).number());
      stats.bytes +=
          static_cast<std::uint64_t>(std::max<std::int64_t>(call.reply(i + 1).number(), 0));
    }
  }));
  return stats;
}

/// The settings with the password that the environment has.
Result<RedisSettings> resolve_password(RedisSettings settings) {
  if (settings.password_variable.empty()) return settings;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this library changes the environment.
  const char* value = std::getenv(settings.password_variable.c_str());
  if (value == nullptr || *value == '\0') {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("online.password: the environment variable {} is not set",
                             settings.password_variable));
  }
  settings.url.password = value;
  return settings;
}

StoreParts make_parts(const RedisOptions& options,
                      std::shared_ptr<const Access> access,
                      const LoadRowNames& names) {
  const std::string& prefix = options.settings.key_prefix;
  StoreParts parts;
  parts.layout =
      options.settings.layout == RedisLayout::Json
          ? make_json_layout(prefix, names, options.known_names)
          : make_packed_layout(prefix + options.project + ":", options.settings.url.is_cluster);
  parts.header = std::make_unique<Header>(*parts.layout, options.registry_id);
  parts.access = std::move(access);
  return parts;
}

Result<std::unique_ptr<OnlineStore>> open(const RedisOptions& options) {
  auto access = std::make_shared<Access>();
  PROVENDER_ASSIGN(access->settings, resolve_password(options.settings));
  if (access->settings.url.has_tls) {
    PROVENDER_ASSIGN(access->tls, TlsContext::make(access->settings.tls));
  }
  access->resolver = std::make_shared<Resolver>();
  const LoadRowNames& on_loop = options.names_on_loop ? options.names_on_loop : options.names;
  return std::make_unique<RedisStore>(make_parts(options, access, options.names),
                                      make_parts(options, access, on_loop),
                                      options.read_only);
}

}  // namespace
}  // namespace redis

Result<std::unique_ptr<OnlineStore>> open_redis_store(const RedisOptions& options) {
  return redis::open(options);
}

}  // namespace provender::online

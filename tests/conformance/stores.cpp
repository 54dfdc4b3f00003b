#include "conformance/stores.hpp"

#include <filesystem>
#include <utility>

#include "conformance/loop_store.hpp"
#include "conformance/whole_rows.hpp"
#include <unistd.h>

#include "base/try.hpp"
#include "online/lmdb/lmdb_store.hpp"
#include "online/memory/memory_store.hpp"
#include "online/redis/redis_store.hpp"
#include "online/redis/testing/redis_server.hpp"

namespace provender::online {
namespace {

using redis::testing::RedisCluster;
using redis::testing::RedisServer;

Result<std::unique_ptr<OnlineStore>> open_memory() {
  return open_memory_store();
}

std::filesystem::path lmdb_folder() {
  return std::filesystem::temp_directory_path() /
         ("provender-conformance-" + std::to_string(::getpid()));
}

void remove_lmdb() {
  std::filesystem::remove_all(lmdb_folder());
}

Result<std::unique_ptr<OnlineStore>> open_lmdb() {
  remove_lmdb();
  return open_lmdb_store({.path = lmdb_folder(),
                          .project = "conformance",
                          .registry_id = "1",
                          .map_size = std::uint64_t{1} << 30U});
}

/// The store that was opened last, if its reads are on loops.
LoopStore*& on_loops() {
  static LoopStore* store = nullptr;
  return store;
}

Result<std::unique_ptr<OnlineStore>> open_redis(const std::string& url, RedisLayout layout) {
  RedisOptions options{
      .settings = {}, .project = "conformance", .registry_id = "1", .names = conformance_names};
  PROVENDER_ASSIGN(options.settings.url, parse_redis_url(url));
  // A sanitizer on a busy machine is slow; what budgets do has tests of its own.
  options.settings.timeout = std::chrono::seconds(30);
  options.settings.write_timeout = std::chrono::seconds(30);
  options.settings.connect_timeout = std::chrono::seconds(30);
  options.settings.layout = layout;
  PROVENDER_ASSIGN(auto store, open_redis_store(options));
  if (layout == RedisLayout::Json) return with_whole_rows(std::move(store));
  return store;
}

/// The servers of this process: started when they are first needed, emptied when they are again.
template <class Servers>
Result<Servers*> empty_servers(void (*empty)(Servers&)) {
  static std::unique_ptr<Servers> servers;
  if (servers) {
    empty(*servers);
  } else {
    PROVENDER_ASSIGN(servers, Servers::start());
  }
  return servers.get();
}

Result<std::unique_ptr<OnlineStore>> open_one(RedisLayout layout) {
  PROVENDER_ASSIGN(const RedisServer* server, empty_servers<RedisServer>([](RedisServer& running) {
                     running.cli({"FLUSHALL"});
                   }));
  return open_redis(server->url(), layout);
}

Result<std::unique_ptr<OnlineStore>> open_cluster(RedisLayout layout) {
  PROVENDER_ASSIGN(const RedisCluster* cluster,
                   empty_servers<RedisCluster>([](RedisCluster& running) {
                     for (std::size_t i = 0; i < running.size(); ++i) {
                       running.server(i).cli({"FLUSHALL"});
                     }
                   }));
  return open_redis(cluster->url(), layout);
}

using Open = Result<std::unique_ptr<OnlineStore>> (*)(RedisLayout);

StoreQuirks blocking(std::string name, Open open) {
  return {.name = std::move(name), .open = [=] { return open(RedisLayout::Packed); }};
}

StoreQuirks looping(std::string name, Open open, RedisLayout layout) {
  return {.name = std::move(name),
          .open = [=]() -> Result<std::unique_ptr<OnlineStore>> {
            PROVENDER_ASSIGN(auto store, open(layout));
            auto wrapped = read_on_loops(std::move(store));
            on_loops() = wrapped.get();
            return wrapped;
          },
          .run_callbacks = [] { on_loops()->run_callbacks(); },
          .share = layout == RedisLayout::Json ? 10 : 1};
}

}  // namespace

std::vector<StoreQuirks> embedded_stores() {
  return {{.name = "memory", .open = open_memory},
          {.name = "lmdb", .open = open_lmdb, .clean_up = remove_lmdb}};
}

std::vector<StoreQuirks> redis_stores() {
  return {blocking("redis", open_one),
          blocking("redis_cluster", open_cluster),
          looping("redis_on_loops", open_one, RedisLayout::Packed),
          looping("redis_cluster_on_loops", open_cluster, RedisLayout::Packed),
          looping("redis_cluster_json_on_loops", open_cluster, RedisLayout::Json)};
}

}  // namespace provender::online

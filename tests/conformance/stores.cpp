#include "conformance/stores.hpp"

#include <filesystem>
#include <utility>

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

Result<std::unique_ptr<OnlineStore>> open_redis(const std::string& url) {
  RedisOptions options{.settings = {}, .project = "conformance", .registry_id = "1"};
  PROVENDER_ASSIGN(options.settings.url, parse_redis_url(url));
  // A sanitizer on a busy machine is slow; what budgets do has tests of its own.
  options.settings.timeout = std::chrono::seconds(30);
  options.settings.write_timeout = std::chrono::seconds(30);
  options.settings.connect_timeout = std::chrono::seconds(30);
  return open_redis_store(options);
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

Result<std::unique_ptr<OnlineStore>> open_one() {
  PROVENDER_ASSIGN(const RedisServer* server, empty_servers<RedisServer>([](RedisServer& running) {
                     running.cli({"FLUSHALL"});
                   }));
  return open_redis(server->url());
}

Result<std::unique_ptr<OnlineStore>> open_cluster() {
  PROVENDER_ASSIGN(const RedisCluster* cluster,
                   empty_servers<RedisCluster>([](RedisCluster& running) {
                     for (std::size_t i = 0; i < running.size(); ++i) {
                       running.server(i).cli({"FLUSHALL"});
                     }
                   }));
  return open_redis(cluster->url());
}

}  // namespace

std::vector<StoreQuirks> embedded_stores() {
  return {{.name = "memory", .open = open_memory},
          {.name = "lmdb", .open = open_lmdb, .clean_up = remove_lmdb}};
}

std::vector<StoreQuirks> redis_stores() {
  return {{.name = "redis", .open = open_one}, {.name = "redis_cluster", .open = open_cluster}};
}

}  // namespace provender::online

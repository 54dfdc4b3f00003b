#include "definitions/project.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/testing/folder.hpp"

namespace provender::definitions {
namespace {

using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScopedVariable;

std::string message_of(std::string_view text) {
  const Folder folder;
  folder.write("provender.yaml", text);
  const auto config = load_project(folder.path());
  if (config) return "no error";
  EXPECT_EQ(config.error().code(), ErrorCode::InvalidArgument);
  return std::string(config.error().message());
}

TEST(Project, HasDefaultsForAllButItsName) {
  const Folder folder;
  folder.write("provender.yaml", "project: streaming\n");
  const auto config = load_project(folder.path()).value();
  EXPECT_EQ(config.project, "streaming");
  EXPECT_EQ(config.folder, folder.path());
  ASSERT_EQ(config.definitions.size(), 1U);
  EXPECT_EQ(config.definitions[0].path, folder.path() / "features");
  EXPECT_EQ(config.registry.kind, RegistryConfig::Kind::Sqlite);
  EXPECT_EQ(config.registry.path, folder.path() / ".provender/registry.db");
  EXPECT_EQ(config.offline.memory_limit, 4'000'000'000U);
  EXPECT_EQ(config.offline.threads, static_cast<int>(std::thread::hardware_concurrency()));
  EXPECT_EQ(config.online.store, OnlineConfig::Store::Lmdb);
  EXPECT_EQ(config.online.path, folder.path() / ".provender/online");
  EXPECT_EQ(config.online.map_size, std::uint64_t{1} << 40U);
  EXPECT_EQ(config.server.host, "127.0.0.1");
  EXPECT_EQ(config.server.port, 6566);
  EXPECT_EQ(config.server.threads, 2);
  EXPECT_FALSE(config.server.insecure);
}

TEST(Project, TakesEverySetting) {
  const Folder folder;
  folder.write("provender.yaml", R"(
project: streaming
definitions: [features, ../shared/user.yaml]
registry: /var/lib/registry.db
offline: {engine: duckdb, memory_limit: 512MiB, threads: 3, roots: [/data, ../lake]}
online: {store: lmdb, path: store, map_size: 10GiB}
server:
  host: 0.0.0.0
  port: 0
  threads: 4
  insecure: true
  allow_writes: true
  allowed_hosts: [features.example.com]
  allowed_origins: ["https://console.example.com"]
  max_body: 2MiB
  max_header: 8KiB
  max_batch: 500
  max_connections: 10
  header_timeout: 5s
  body_timeout: 1m
  idle_timeout: 1500ms
  answer_timeout: 2s
  write_timeout: 3s
  linger_timeout: 4s
  max_buffered: 1GiB
)");
  const auto config = load_project(folder.path()).value();
  ASSERT_EQ(config.definitions.size(), 2U);
  EXPECT_EQ(config.definitions[1].path, folder.path().parent_path() / "shared/user.yaml");
  EXPECT_EQ(config.definitions[1].line, 3);
  EXPECT_EQ(config.registry.path, "/var/lib/registry.db");
  EXPECT_EQ(config.offline.memory_limit, 512U << 20U);
  EXPECT_EQ(config.offline.threads, 3);
  EXPECT_THAT(config.offline.roots, ElementsAre("/data", folder.path().parent_path() / "lake"));
  EXPECT_EQ(config.online.path, folder.path() / "store");
  EXPECT_EQ(config.online.map_size, std::uint64_t{10} << 30U);
  const ServerConfig& server = config.server;
  EXPECT_EQ(server.host, "0.0.0.0");
  EXPECT_EQ(server.port, 0);
  EXPECT_EQ(server.threads, 4);
  EXPECT_TRUE(server.insecure);
  EXPECT_TRUE(server.allow_writes);
  EXPECT_THAT(server.allowed_hosts, ElementsAre("features.example.com"));
  EXPECT_THAT(server.allowed_origins, ElementsAre("https://console.example.com"));
  EXPECT_EQ(server.max_body_bytes, 2U << 20U);
  EXPECT_EQ(server.max_header_bytes, 8U << 10U);
  EXPECT_EQ(server.max_batch_rows, 500);
  EXPECT_EQ(server.max_connections, 10);
  EXPECT_EQ(server.header_timeout, std::chrono::seconds(5));
  EXPECT_EQ(server.body_timeout, std::chrono::minutes(1));
  EXPECT_EQ(server.idle_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(server.answer_timeout, std::chrono::seconds(2));
  EXPECT_EQ(server.write_timeout, std::chrono::seconds(3));
  EXPECT_EQ(server.linger_timeout, std::chrono::seconds(4));
  EXPECT_EQ(server.max_buffered_bytes, 1U << 30U);
  EXPECT_EQ(load_server_config(folder.path()).value().port, 0);
}

TEST(Project, KnowsRemoteRegistriesAndStores) {
  const Folder folder;
  folder.write("provender.yaml",
               "project: p\nregistry: postgresql://h/db\nonline: {store: redis, url: "
               "'redis+cluster://a:1,b:2'}\n");
  const auto config = load_project(folder.path()).value();
  EXPECT_EQ(config.registry.kind, RegistryConfig::Kind::Postgres);
  EXPECT_EQ(config.registry.url, "postgresql://h/db");
  EXPECT_EQ(config.online.store, OnlineConfig::Store::Redis);
  EXPECT_TRUE(config.online.redis.url.is_cluster);
  EXPECT_EQ(config.online.redis.timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(config.online.redis.key_prefix, "");
}

TEST(Project, TakesEverySettingOfRedis) {
  const Folder folder;
  folder.write("provender.yaml", R"(
project: p
online:
  store: redis
  url: rediss://h:7000
  password: {env: REDIS_PASSWORD}
  key_prefix: "staging:"
  layout: json
  timeout: 50ms
  write_timeout: 3s
  connect_timeout: 2s
  pool: 5
  tls_ca: ca.pem
  tls_certificate: /etc/me.pem
  tls_key: me.key
  tls_server_name: redis.example.com
)");
  const auto redis = load_project(folder.path()).value().online.redis;
  EXPECT_TRUE(redis.url.has_tls);
  EXPECT_EQ(redis.url.password, "");
  EXPECT_EQ(redis.password_variable, "REDIS_PASSWORD");
  EXPECT_EQ(redis.key_prefix, "staging:");
  EXPECT_EQ(redis.layout, RedisLayout::Json);
  EXPECT_EQ(redis.timeout, std::chrono::milliseconds(50));
  EXPECT_EQ(redis.write_timeout, std::chrono::seconds(3));
  EXPECT_EQ(redis.connect_timeout, std::chrono::seconds(2));
  EXPECT_EQ(redis.pool, 5);
  EXPECT_EQ(redis.tls.authorities, folder.path() / "ca.pem");
  EXPECT_EQ(redis.tls.certificate, "/etc/me.pem");
  EXPECT_EQ(redis.tls.key, folder.path() / "me.key");
  EXPECT_EQ(redis.tls.server_name, "redis.example.com");
}

TEST(Project, TakesThePasswordOfRedisFromTheEnvironmentToo) {
  const ScopedVariable secret("PROVENDER_TEST_SECRET", "hunter2");
  const Folder folder;
  folder.write("provender.yaml",
               "project: p\nonline: {store: redis, url: redis://h, password: "
               "\"${PROVENDER_TEST_SECRET}\"}\n");
  EXPECT_EQ(load_project(folder.path()).value().online.redis.url.password, "hunter2");
}

TEST(Project, ExpandsNamesOfTheEnvironment) {
  const ScopedVariable port("PROVENDER_TEST_PORT", "7000");
  const ScopedVariable where("PROVENDER_TEST_WHERE", "deep: {x");
  const Folder folder;
  folder.write("provender.yaml",
               "project: p\nregistry: ${PROVENDER_TEST_WHERE}/a$$b.db\nserver: {port: "
               "\"${PROVENDER_TEST_PORT}\"}\n");
  const auto config = load_project(folder.path()).value();
  EXPECT_EQ(config.registry.path, folder.path() / "deep: {x/a$b.db");
  EXPECT_EQ(config.server.port, 7000);
}

TEST(Project, NeverShowsWhatANameExpandsTo) {
  const ScopedVariable secret("PROVENDER_TEST_SECRET", "hunter2://x");
  const std::string message = message_of(R"(
project: "${PROVENDER_TEST_SECRET}"
registry: "${PROVENDER_TEST_SECRET}"
offline: {engine: "${PROVENDER_TEST_SECRET}", memory_limit: "${PROVENDER_TEST_SECRET}"}
online: {store: redis, url: "${PROVENDER_TEST_SECRET}"}
server: {port: "${PROVENDER_TEST_SECRET}", idle_timeout: "${PROVENDER_TEST_SECRET}", insecure: "${PROVENDER_TEST_SECRET}"}
)");
  EXPECT_THAT(message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(message,
              HasSubstr("provender.yaml:2: project: expected a name, found the value of "
                        "'${PROVENDER_TEST_SECRET}'"));
  EXPECT_THAT(
      message,
      HasSubstr(
          "online.url: expected a URL of redis://, rediss:// (TLS), unix://, redis+cluster:// or "
          "rediss+cluster://"));
}

struct BadProject {
  std::string_view text;
  std::string message;
};
void expect_messages(const std::vector<BadProject>& cases) {
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.text);
    EXPECT_EQ(message_of(bad.text), bad.message);
  }
}

TEST(BadProject, SaysWhatIsWrongWithASetting) {
  expect_messages(
      {BadProject{"",
                  "provender.yaml: expected a map that begins with 'project: NAME', found nothing"},
       BadProject{"registry: x.db",
                  "provender.yaml:1: 'project' is missing: expected the project's name"},
       BadProject{"project: p\nonlin: {}",
                  "provender.yaml:2: unknown key 'onlin' (did you mean 'online'?)"},
       BadProject{
           "project: p\nproject: q",
           "provender.yaml:2: 'project' stands twice (first on line 1): remove or rename one"},
       BadProject{
           "project: 5",
           "provender.yaml:1: project: expected text (in quotes: \"5\"), found the number 5"},
       BadProject{"project: my project",
                  "provender.yaml:1: project 'my project' is not a name: expected a letter, then "
                  "letters, "
                  "digits and _"},
       BadProject{
           "project: p\ndefinitions: features",
           "provender.yaml:2: definitions: expected a list of texts, [a, b], found 'features'"},
       BadProject{
           "project: p\ndefinitions: []",
           "provender.yaml:2: definitions: expected at least one file or folder, [features], "
           "found an empty list"},
       BadProject{
           "project: p\nregistry: mysql://h",
           "provender.yaml:2: registry: expected the path of a SQLite file, or a postgresql:// "
           "URL, found 'mysql://h'"},
       BadProject{"project: p\noffline: {engine: spark}",
                  "provender.yaml:2: offline.engine: expected duckdb, found 'spark'"},
       BadProject{
           "project: p\noffline: {memory_limit: 4}",
           "provender.yaml:2: offline.memory_limit: expected a size with its unit such as 512MiB "
           "or 4GB, found the number 4"},
       BadProject{
           "project: p\noffline: {memory_limit: 4G}",
           "provender.yaml:2: offline.memory_limit: expected a size above zero with its unit (B "
           "kB MB GB TB KiB MiB GiB "
           "TiB) such as 512MiB or 4GB, found '4G'"},
       BadProject{
           "project: p\noffline: {threads: 0}",
           "provender.yaml:2: offline.threads: expected a whole number from 1 to 1024, found the "
           "number 0"},
       BadProject{
           "project: p\noffline: {roots: /data}",
           "provender.yaml:2: offline.roots: expected a list of texts, [a, b], found '/data'"},
       BadProject{"project: p\nonline: {store: lmbd}",
                  "provender.yaml:2: online.store: expected one of lmdb, redis, found 'lmbd' "
                  "(did you mean 'lmdb'?)"},
       BadProject{"project: p\nonline: {store: memory}",  // would end with each command
                  "provender.yaml:2: online.store: expected one of lmdb, redis, found 'memory'"},
       BadProject{"project: p\nonline: {store: redis, url: 'redis://h', path: x}",
                  "provender.yaml:2: online.path: belongs to 'store: lmdb'"},
       BadProject{"project: p\nonline: {url: redis://h}",
                  "provender.yaml:2: online.url: belongs to 'store: redis'"},
       BadProject{"project: p\nonline: {store: redis}",
                  "provender.yaml:2: online: 'url' is missing: expected redis://HOST:PORT/DB"},
       BadProject{
           "project: p\nonline: {store: redis, url: 'redis://:secret@h:port'}",
           "provender.yaml:2: online.url: expected a port of 1 to 65535 behind the host's ':'"},
       BadProject{
           "project: p\nonline: {store: redis, url: 'redis://:secret@h', password: {env: X}}",
           "provender.yaml:2: online.password: online.url has a password already; keep one of the "
           "two"},
       BadProject{"project: p\nonline: {store: redis, url: 'redis://h', password: {}}",
                  "provender.yaml:2: online.password: 'env' is missing: expected the name of an "
                  "environment variable"},
       BadProject{"project: p\nonline: {store: redis, url: 'redis://h', layout: hash}",
                  "provender.yaml:2: online.layout: expected one of packed, json, found 'hash'"},
       BadProject{
           "project: p\nonline: {store: redis, url: 'redis://h', pool: 65}",
           "provender.yaml:2: online.pool: expected a whole number from 1 to 64, found the number "
           "65"},
       BadProject{"project: p\nonline: {store: redis, url: 'redis://h', tls_ca: x}",
                  "provender.yaml:2: online.tls_ca: needs an online.url of rediss:// or "
                  "rediss+cluster://"},
       BadProject{"project: p\nonline: {store: redis, url: 'rediss://h', tls_key: x}",
                  "provender.yaml:2: online: tls_certificate and tls_key need each other"},
       BadProject{"project: p\nonline: {store: lmdb, timeout: 1s}",
                  "provender.yaml:2: online.timeout: belongs to 'store: redis'"},
       BadProject{
           "project: p\nserver: {port: 65536}",
           "provender.yaml:2: server.port: expected a whole number from 0 to 65535, found the "
           "number 65536"},
       BadProject{
           "project: p\nserver: {port: \"80\"}",
           "provender.yaml:2: server.port: expected a whole number from 0 to 65535, found '80'"},
       BadProject{"project: p\nserver: {insecure: yes}",
                  "provender.yaml:2: server.insecure: expected true or false, found 'yes'"},
       BadProject{
           "project: p\nserver: {idle_timeout: 60}",
           "provender.yaml:2: server.idle_timeout: expected a duration with its unit (us ms s m h "
           "d w) such as 15m or "
           "30d, found the number 60"}});
}

TEST(BadProject, SaysWhatIsWrongWithANameOfTheEnvironment) {
  expect_messages(
      {BadProject{"project: p\n\nregistry: ${PROVENDER_TEST_UNSET}/r.db",
                  "provender.yaml:3: the environment variable PROVENDER_TEST_UNSET in "
                  "'${PROVENDER_TEST_UNSET}/r.db' is not set"},
       BadProject{"project: p\nserver: {port: \"${PROVENDER_TEST_UNSET}\"}",
                  "provender.yaml:2: the environment variable PROVENDER_TEST_UNSET in "
                  "'${PROVENDER_TEST_UNSET}' is not set"},
       BadProject{"project: p\nregistry: $HOME/r.db",
                  "provender.yaml:2: expected ${NAME}, or $$ for a '$' itself, in '$HOME/r.db'"},
       BadProject{"project: p\nregistry: ${HOME",
                  "provender.yaml:2: expected ${NAME}, or $$ for a '$' itself, in '${HOME'"},
       BadProject{"project: p\nregistry: ${a b}",
                  "provender.yaml:2: expected ${NAME}, or $$ for a '$' itself, in '${a b}'"},
       BadProject{
           "project: p\nonline: {path: ${HOME}/x}\n",
           "provender.yaml:2: not valid YAML: expected ',' or '}' in the map that begins with '{' "
           "on line 2: inside of { } "
           "or [ ] write \"${NAME}\" in quotes"}});
}

TEST(Project, ReportsAllThatIsWrongAtOnce) {
  EXPECT_EQ(
      message_of("project: p\noffline: {threads: many}\nserver:\n  prot: 1\n  host: [a]\n"),
      "provender.yaml:2: offline.threads: expected a whole number from 1 to 1024, found 'many'\n"
      "provender.yaml:4: server: unknown key 'prot' (did you mean 'port'?)\n"
      "provender.yaml:5: server.host: expected text, found a list");
}

TEST(Project, SaysWhereThereIsNone) {
  const Folder folder;
  const auto config = load_project(folder.path());
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(std::string(config.error().message()),
              HasSubstr((folder.path() / "provender.yaml").string()));
}

TEST(Project, IsFoundFromFoldersBelowIt) {
  const Folder folder;
  folder.write("provender.yaml", "project: p\n");
  folder.write("a/b/c.txt", "");
  EXPECT_EQ(find_project(folder.path() / "a/b").value(), folder.path());
  EXPECT_EQ(find_project(folder.path()).value(), folder.path());
}

TEST(Project, IsNotFoundWithAWayOut) {
  const Folder folder;
  const auto found = find_project(folder.path());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), ErrorCode::NotFound);
  EXPECT_EQ(found.error().message(),
            "no provender.yaml in " + folder.path().string() +
                " or a folder above it: go to a project's folder, name it with -C, or make a "
                "project with `provender init`");
}

}  // namespace
}  // namespace provender::definitions

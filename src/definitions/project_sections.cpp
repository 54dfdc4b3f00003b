#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "definitions/settings.hpp"

namespace provender::definitions {
namespace {

constexpr SettingsReader::Range kThreads{.min = 1, .max = 1024};
constexpr SettingsReader::Range kCount{.min = 1, .max = 1'000'000};
constexpr SettingsReader::Range kPool{.min = 1, .max = 64};
constexpr SettingsReader::Range kPort{.min = 0, .max = 65'535};

constexpr std::array<std::string_view, 12> kRedisKeys{"url",
                                                      "layout",
                                                      "password",
                                                      "key_prefix",
                                                      "timeout",
                                                      "write_timeout",
                                                      "connect_timeout",
                                                      "pool",
                                                      "tls_ca",
                                                      "tls_certificate",
                                                      "tls_key",
                                                      "tls_server_name"};

bool has_scheme(const std::string& url, std::span<const std::string_view> schemes) {
  return std::ranges::any_of(schemes,
                             [&](std::string_view scheme) { return url.starts_with(scheme); });
}

/// A setting of one store beside the name of another would be silently without effect.
void refuse(yaml::MapReader& map, std::string_view key, std::string_view store) {
  auto field = map.find(key);
  if (!field) return;
  map.reader().problem(*field->node,
                       field->path + ": belongs to 'store: " + std::string(store) + "'");
}

/// `password: {env: NAME}`, which is resolved when the store is opened, or the password itself.
void read_password(const yaml::Reader& reader, const yaml::Field& field, RedisSettings& redis) {
  if (!redis.url.password.empty()) {
    reader.problem(*field.node,
                   field.path + ": online.url has a password already; keep one of the two");
    return;
  }
  if (!field.node->is(yaml::Node::Kind::Map)) {
    redis.url.password = reader.text(field, "{env: NAME}, or a text").value_or("");
    return;
  }
  yaml::MapReader map(reader, field);
  if (auto name = map.require("env", "the name of an environment variable")) {
    redis.password_variable = reader.text(*name).value_or("");
  }
  map.finish();
}

void read_url(yaml::MapReader& map, RedisUrl& url) {
  auto field = map.require("url", "redis://HOST:PORT/DB");
  if (!field) return;
  const auto text = map.reader().text(*field);
  if (!text) return;
  auto parsed = parse_redis_url(*text);
  if (parsed) {
    url = *std::move(parsed);
  } else {
    // Not the text: it may hold a password.
    map.reader().problem(*field->node, field->path + ": " + std::string(parsed.error().message()));
  }
}

void read_tls(SettingsReader& settings, RedisSettings& redis) {
  constexpr std::array<std::string_view, 4> kKeys{
      "tls_ca", "tls_certificate", "tls_key", "tls_server_name"};
  yaml::MapReader& map = settings.map();
  for (const std::string_view key : kKeys) {
    auto field = map.find(key);
    if (field && !redis.url.has_tls && !redis.url.servers.empty()) {
      map.reader().problem(*field->node,
                           field->path + ": needs an online.url of rediss:// or rediss+cluster://");
    }
  }
  settings.read("tls_ca", redis.tls.authorities);
  settings.read("tls_certificate", redis.tls.certificate);
  settings.read("tls_key", redis.tls.key);
  settings.read("tls_server_name", redis.tls.server_name);
  if (redis.tls.certificate.empty() != redis.tls.key.empty()) {
    map.reader().problem(map.node(), map.path() + ": tls_certificate and tls_key need each other");
  }
}

void read_redis(SettingsReader& settings, RedisSettings& redis) {
  const std::array<std::string, 2> layouts{"packed", "json"};  // as RedisLayout
  yaml::MapReader& map = settings.map();
  read_url(map, redis.url);
  if (auto field = map.find("password")) read_password(map.reader(), *field, redis);
  settings.read("key_prefix", redis.key_prefix);
  redis.layout = static_cast<RedisLayout>(settings.read_choice("layout", layouts));
  settings.read("timeout", redis.timeout);
  settings.read("write_timeout", redis.write_timeout);
  settings.read("connect_timeout", redis.connect_timeout);
  settings.read_integer("pool", kPool, redis.pool);
  read_tls(settings, redis);
}

/// `{certificate: PATH, key: PATH}`
void read_server_tls(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into) {
  SettingsReader settings(
      reader, field, into.folder, "a map, {certificate: server.crt, key: server.key}");
  settings.map().require("certificate", "the path of a PEM file");
  settings.map().require("key", "the path of a PEM file");
  settings.read("certificate", into.server.certificate);
  settings.read("key", into.server.key);
  settings.map().finish();
}

/// The path of a file, or `-`.
void read_access_log(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into) {
  const auto text = reader.text(field, "the path of a file, or '-' for stderr");
  if (text) into.server.access_log = *text == "-" ? "-" : resolve(into.folder, *text);
}

}  // namespace

void read_registry(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into) {
  constexpr std::array<std::string_view, 2> kSchemes{"postgresql://", "postgres://"};
  const auto text = reader.text(field);
  if (!text) return;
  if (text->find("://") == std::string::npos) {
    into.registry.path = resolve(into.folder, *text);
  } else if (has_scheme(*text, kSchemes)) {
    into.registry.kind = RegistryConfig::Kind::Postgres;
    into.registry.url = *text;
  } else {
    reader.mismatch(field, "the path of a SQLite file, or a postgresql:// URL");
  }
}

void read_offline(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into) {
  const std::array<std::string, 1> engines{"duckdb"};
  OfflineConfig& offline = into.offline;
  SettingsReader settings(reader, field, into.folder, "a map, {memory_limit: 4GB}");
  offline.engine = static_cast<OfflineConfig::Engine>(settings.read_choice("engine", engines));
  settings.read_size("memory_limit", offline.memory_limit);
  settings.read_integer("threads", kThreads, offline.threads);
  std::vector<DefinitionsPath> roots;
  settings.read("roots", roots);
  for (auto& root : roots) {
    offline.roots.push_back(std::move(root.path));
  }
  settings.map().finish();
}

void read_online(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into) {
  const std::array<std::string, 2> stores{"lmdb", "redis"};  // as OnlineConfig::Store
  OnlineConfig& online = into.online;
  SettingsReader settings(reader, field, into.folder, "a map, {store: lmdb}");
  online.store = static_cast<OnlineConfig::Store>(settings.read_choice("store", stores));
  if (online.store == OnlineConfig::Store::Lmdb) {
    settings.read("path", online.path);
    settings.read_size("map_size", online.map_size);
  } else {
    refuse(settings.map(), "path", "lmdb");
    refuse(settings.map(), "map_size", "lmdb");
  }
  if (online.store == OnlineConfig::Store::Redis) {
    read_redis(settings, online.redis);
  } else {
    for (const std::string_view key : kRedisKeys) {
      refuse(settings.map(), key, "redis");
    }
  }
  settings.map().finish();
}

void read_server(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into) {
  ServerConfig& server = into.server;
  SettingsReader settings(reader, field, into.folder, "a map, {host: 127.0.0.1, port: 6566}");
  settings.read("host", server.host);
  int port = server.port;
  settings.read_integer("port", kPort, port);
  server.port = static_cast<std::uint16_t>(port);
  settings.read_integer("threads", kThreads, server.threads);
  settings.read("insecure", server.insecure);
  settings.read("allow_writes", server.allow_writes);
  settings.read("allowed_hosts", server.allowed_hosts);
  settings.read("allowed_origins", server.allowed_origins);
  if (auto tls = settings.map().find("tls")) read_server_tls(reader, *tls, into);
  if (auto log = settings.map().find("access_log")) read_access_log(reader, *log, into);
  if (auto tokens = settings.map().find("tokens")) {
    into.tokens = read_api_tokens(reader, *tokens, into.folder);
  }
  settings.read_size("max_body", server.max_body_bytes);
  settings.read_size("max_header", server.max_header_bytes);
  settings.read_integer("max_batch", kCount, server.max_batch_rows);
  settings.read_integer("max_connections", kCount, server.max_connections);
  settings.read("header_timeout", server.header_timeout);
  settings.read("body_timeout", server.body_timeout);
  settings.read("idle_timeout", server.idle_timeout);
  settings.read("answer_timeout", server.answer_timeout);
  settings.read("write_timeout", server.write_timeout);
  settings.read("linger_timeout", server.linger_timeout);
  settings.read_size("max_buffered", server.max_buffered_bytes);
  settings.map().finish();
}

}  // namespace provender::definitions

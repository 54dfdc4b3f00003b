#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "definitions/settings.hpp"

namespace provender::definitions {
namespace {

constexpr SettingsReader::Range kThreads{.min = 1, .max = 1024};
constexpr SettingsReader::Range kCount{.min = 1, .max = 1'000'000};
constexpr SettingsReader::Range kPort{.min = 0, .max = 65'535};

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

void read_redis(yaml::MapReader& map, std::string& url) {
  constexpr std::array<std::string_view, 4> kSchemes{
      "redis://", "rediss://", "unix://", "redis+cluster://"};
  auto field = map.require("url", "redis://HOST:PORT/DB");
  if (!field) return;
  url = map.reader().text(*field).value_or("");
  if (!url.empty() && !has_scheme(url, kSchemes)) {
    map.reader().mismatch(*field, "a URL of redis://, rediss://, unix:// or redis+cluster://");
  }
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
  const std::array<std::string, 3> stores{"lmdb", "memory", "redis"};  // as OnlineConfig::Store
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
    read_redis(settings.map(), online.url);
  } else {
    refuse(settings.map(), "url", "redis");
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

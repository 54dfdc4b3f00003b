#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "provender/project.hpp"
#include "provender/result.hpp"
#include "provender/server_config.hpp"

#include "definitions/api_tokens.hpp"
#include "model/redis_settings.hpp"

namespace provender::definitions {

/// An entry of `definitions`: a file or folder.
struct DefinitionsPath {
  std::filesystem::path path;  ///< absolute
  int line = 0;                ///< in provender.yaml; 0 for the default
};

struct RegistryConfig {
  enum class Kind : std::uint8_t { Sqlite, Postgres };
  Kind kind = Kind::Sqlite;
  std::filesystem::path path;  ///< of Sqlite, absolute
  std::string url;             ///< of Postgres; may hold a password, so never show it
};

struct OfflineConfig {
  enum class Engine : std::uint8_t { DuckDb };
  Engine engine = Engine::DuckDb;
  std::uint64_t memory_limit = 4'000'000'000;  ///< bytes
  int threads = 1;                             ///< default: as many as the machine runs at once
  std::vector<std::filesystem::path> roots;    ///< absolute
};

struct OnlineConfig {
  enum class Store : std::uint8_t { Lmdb, Redis };
  Store store = Store::Lmdb;
  std::filesystem::path path;                       ///< of Lmdb, absolute
  std::uint64_t map_size = std::uint64_t{1} << 40;  ///< of Lmdb, bytes
  RedisSettings redis;
};

/// A project's provender.yaml, with defaults for what it leaves out (docs/reference/yaml.md).
struct ProjectConfig {
  std::filesystem::path folder;  ///< absolute
  std::string project;
  std::vector<DefinitionsPath> definitions;
  RegistryConfig registry;
  OfflineConfig offline;
  OnlineConfig online;
  ServerConfig server;  ///< but for the tokens
  std::vector<ApiTokenSetting> tokens;
};

/// Reads provender.yaml in `folder`, with `${NAME}` replaced from the environment. NotFound if
/// there is none; InvalidArgument lists all that is wrong with it, "provender.yaml:3: …" a line
/// each. Other files are not looked at.
Result<ProjectConfig> load_project(const std::filesystem::path& folder);

}  // namespace provender::definitions

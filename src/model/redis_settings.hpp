#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "provender/result.hpp"

namespace provender {

/// Where a Redis server listens.
struct RedisAddress {
  std::string host;
  std::uint16_t port = 6379;
  bool operator==(const RedisAddress&) const = default;
  auto operator<=>(const RedisAddress&) const = default;
};

/// "host:port", an IPv6 address in brackets.
std::string to_string(const RedisAddress& address);

/// What `online.url` says. May hold a password: never shown, never logged.
struct RedisUrl {
  std::vector<RedisAddress> servers;  ///< one; of a cluster, those to ask for the others
  std::string socket;                 ///< path of a unix socket, instead of servers
  std::string user;
  std::string password;
  int database = 0;
  bool is_cluster = false;
  bool has_tls = false;
};

/// redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// (TLS),
/// unix://[[USER]:PASSWORD@]PATH[?db=N], redis+cluster://[[USER]:PASSWORD@]HOST:PORT,HOST:PORT,…
/// and rediss+cluster://. User, password and path are percent-encoded. InvalidArgument says what is
/// wrong with it, without any part of it that may be secret.
Result<RedisUrl> parse_redis_url(std::string_view url);

/// Certificates for TLS, PEM files.
struct RedisTls {
  std::filesystem::path authorities;  ///< whom to trust; empty: the system's
  std::filesystem::path certificate;  ///< our own, with its chain; empty: none
  std::filesystem::path key;          ///< of `certificate`
  std::string server_name;  ///< what the server's certificate must name; empty: the host of the URL
};

/// How rows are kept (docs/format/redis.md).
enum class RedisLayout : std::uint8_t {
  Packed,  ///< one field a view: the row's bytes
  Json,    ///< one field a feature: a JSON value
};

/// The `online` section of a project that keeps its latest values in Redis.
struct RedisSettings {
  RedisUrl url;
  std::string
      password_variable;  ///< environment variable with the password; empty: that of the URL
  RedisTls tls;
  std::string key_prefix;  ///< what every key begins with
  RedisLayout layout = RedisLayout::Packed;
  std::chrono::milliseconds timeout{250};           ///< for one read, whatever happens
  std::chrono::milliseconds write_timeout{10'000};  ///< for one batch of writes
  std::chrono::milliseconds connect_timeout{1'000};
  int pool = 2;  ///< connections to one server from one event loop, or from one blocking caller
};

}  // namespace provender

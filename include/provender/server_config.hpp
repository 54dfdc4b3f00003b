#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "provender/export.hpp"
#include "provender/result.hpp"

namespace provender {

/// Who may ask a server, known by a secret of which only the hash is kept.
struct ApiToken {
  std::string name;  ///< for the access log
  std::string hash;  ///< SHA-256 of the token, 64 small hex digits
  bool may_read = false;
  bool may_write = false;
  bool may_admin = false;
  std::vector<std::string> projects;  ///< where it counts; empty: everywhere
};

/// The `server` section of provender.yaml (docs/reference/yaml.md).
struct ServerConfig {
  std::string project;  ///< whose features are served
  std::string host = "127.0.0.1";
  std::uint16_t port = 6566;  ///< 0: the system chooses
  int threads = 2;            ///< event loops
  bool insecure = false;      ///< may listen on an address other than loopback without tokens
  bool allow_writes = false;  ///< routes that write work on loopback without a token
  std::vector<std::string> allowed_hosts;  ///< `Host` headers besides those of `host` and loopback
  std::vector<std::string> allowed_origins;  ///< `Origin` headers of web pages that may ask

  std::vector<ApiToken> tokens;       ///< empty: everybody may read
  std::filesystem::path certificate;  ///< PEM; empty: plain HTTP
  std::filesystem::path key;          ///< PEM; of the certificate
  std::filesystem::path access_log;   ///< a JSON line per request; empty: none; "-": stderr

  std::uint64_t max_body_bytes = std::uint64_t{8} << 20;
  std::uint64_t max_header_bytes = std::uint64_t{16} << 10;
  int max_batch_rows = 10'000;  ///< entities in one request
  int max_connections = 1024;
  std::chrono::milliseconds header_timeout{10'000};  ///< from a header's first byte to its last
  std::chrono::milliseconds body_timeout{30'000};    ///< from the header's end to the body's
  std::chrono::milliseconds idle_timeout{60'000};    ///< between an answer and the next request
  std::chrono::milliseconds answer_timeout{30'000};  ///< from a whole request to its answer
  std::chrono::milliseconds write_timeout{30'000};   ///< for a client to take its answer
  std::chrono::milliseconds linger_timeout{2'000};   ///< for a client to hang up after the last one
  std::uint64_t max_buffered_bytes = std::uint64_t{256} << 20;  ///< requests being read, together
};

/// Reads the `server` section of the project in `folder`, with the hashes of
/// its tokens from where they are. Errors as load_project's.
PROVENDER_EXPORT Result<ServerConfig> load_server_config(const std::filesystem::path& folder);

}  // namespace provender

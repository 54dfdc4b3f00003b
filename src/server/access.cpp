#include "server/access.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <arpa/inet.h>

#include <fmt/format.h>

namespace provender::server {
namespace {

bool is_literal(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

/// The host of "name:8080", "[::1]:8080" or "name", in small letters.
std::string host_of(std::string_view text) {
  if (text.starts_with('[')) {
    text = text.substr(1, text.find(']') - 1);
  } else if (std::ranges::count(text, ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  std::string host(text);
  std::ranges::transform(host, host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return host;
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_literal(host));
}

Result<> check_bind(const ServerConfig& config) {
  if (is_loopback(config.host) || config.insecure || !config.tokens.empty()) return {};
  return Error(
      ErrorCode::FailedPrecondition,
      fmt::format("server.host {} is not a loopback address: everybody who reaches it could read "
                  "every feature. List tokens in server.tokens (`provender token` makes one), or "
                  "set server.insecure to true in provender.yaml if that is meant",
                  config.host));
}

bool is_allowed_host(const ServerConfig& config, std::string_view host) noexcept {
  const std::string name = host_of(host);
  if (is_loopback(name) || is_literal(name) || name == host_of(config.host)) return true;
  return std::ranges::any_of(config.allowed_hosts,
                             [&](const std::string& allowed) { return host_of(allowed) == name; });
}

bool is_allowed_origin(const ServerConfig& config, std::string_view origin) noexcept {
  return std::ranges::find(config.allowed_origins, origin) != config.allowed_origins.end();
}

}  // namespace provender::server

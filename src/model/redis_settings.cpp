#include "model/redis_settings.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/digits.hpp"
#include "base/try.hpp"

namespace provender {
namespace {

Error wrong(std::string_view what) {
  return {ErrorCode::InvalidArgument, std::string(what)};
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || failure != std::errc() || end != digits.data() + 2) {
      return std::nullopt;
    }
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

/// Cuts "[USER][:PASSWORD]@" off the front of `rest`.
Result<> take_credentials(std::string_view& rest, RedisUrl& into) {
  const std::size_t at = rest.substr(0, rest.find_first_of("/?")).rfind('@');
  if (at == std::string_view::npos) return {};
  const std::string_view credentials = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  const std::size_t colon = credentials.find(':');
  const auto user = percent_decoded(credentials.substr(0, colon));
  const auto password = percent_decoded(
      colon == std::string_view::npos ? std::string_view() : credentials.substr(colon + 1));
  if (!user || !password) {
    return wrong("user and password are percent-encoded, '%' itself as %25 and '@' as %40");
  }
  into.user = *user;
  into.password = *password;
  return {};
}

Result<RedisAddress> parse_address(std::string_view text) {
  RedisAddress address;
  std::string_view host = text;
  std::string_view port;
  const bool is_bracketed = text.starts_with('[');
  const std::size_t end = is_bracketed ? text.find(']') : 0;
  if (end == std::string_view::npos) return wrong("expected ']' behind an IPv6 address");
  if (const std::size_t colon = text.find(':', end); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (port.contains(':')) return wrong("expected HOST:PORT, an IPv6 address in brackets");
    const auto value = parse_digits(port, 65'535);
    if (!value || *value == 0) return wrong("expected a port of 1 to 65535 behind the host's ':'");
    address.port = static_cast<std::uint16_t>(*value);
  }
  if (is_bracketed) {
    if (host.size() != end + 1) return wrong("expected ':' and a port behind an IPv6 address");
    host = host.substr(1, end - 1);
  }
  if (host.empty()) return wrong("expected a host");
  address.host = host;
  return address;
}

Result<> parse_database(std::string_view text, RedisUrl& into) {
  const auto value = parse_digits(text, 1'000'000);
  if (!value) return wrong("expected the number of a database, 0 or more");
  into.database = static_cast<int>(*value);
  return {};
}

Result<> parse_socket(std::string_view rest, RedisUrl& into) {
  const std::size_t question = rest.find('?');
  const std::string_view query =
      question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
  if (!query.empty()) {
    if (!query.starts_with("db=")) return wrong("expected nothing but ?db=N behind the path");
    PROVENDER_TRY(parse_database(query.substr(3), into));
  }
  const auto path = percent_decoded(rest.substr(0, question));
  if (!path || !path->starts_with('/')) return wrong("expected the absolute path of a socket");
  if (path->size() > 107) return wrong("the path of a unix socket has at most 107 bytes");
  into.socket = *path;
  return {};
}

Result<> parse_servers(std::string_view rest, RedisUrl& into) {
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    if (into.is_cluster) {
      return wrong("a cluster has no databases: expected nothing behind the hosts");
    }
    PROVENDER_TRY(parse_database(rest.substr(slash + 1), into));
  }
  for (std::string_view hosts = rest.substr(0, slash);;) {
    const std::size_t comma = hosts.find(',');
    PROVENDER_ASSIGN(RedisAddress address, parse_address(hosts.substr(0, comma)));
    into.servers.push_back(std::move(address));
    if (comma == std::string_view::npos) break;
    if (!into.is_cluster) return wrong("several hosts are for redis+cluster://");
    hosts.remove_prefix(comma + 1);
  }
  return {};
}

}  // namespace

std::string to_string(const RedisAddress& address) {
  const bool is_v6 = address.host.contains(':');
  return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

Result<RedisUrl> parse_redis_url(std::string_view url) {
  RedisUrl parsed;
  const std::size_t colon = url.find("://");
  const std::string_view scheme =
      colon == std::string_view::npos ? std::string_view() : url.substr(0, colon);
  if (scheme != "redis" && scheme != "rediss" && scheme != "unix" && scheme != "redis+cluster" &&
      scheme != "rediss+cluster") {
    return wrong(
        "expected a URL of redis://, rediss:// (TLS), unix://, redis+cluster:// or "
        "rediss+cluster://");
  }
  parsed.is_cluster = scheme.ends_with("+cluster");
  parsed.has_tls = scheme.starts_with("rediss");
  std::string_view rest = url.substr(colon + 3);
  PROVENDER_TRY(take_credentials(rest, parsed));
  if (scheme == "unix") {
    PROVENDER_TRY(parse_socket(rest, parsed));
  } else {
    PROVENDER_TRY(parse_servers(rest, parsed));
  }
  return parsed;
}

}  // namespace provender

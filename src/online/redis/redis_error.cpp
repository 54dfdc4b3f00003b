#include "online/redis/redis_error.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "online/redis/acl.hpp"

namespace provender::online::redis {
namespace {

struct Meaning {
  std::string_view prefix;
  ErrorCode code;
  std::string_view advice;
};

// A refused password is Unavailable too: whoever asks Provender for features has done nothing
// wrong.
constexpr std::array<Meaning, 13> kMeanings{{
    {"WRONGPASS", ErrorCode::Unavailable, "check the user and the password of online.url"},
    {"NOAUTH",
     ErrorCode::Unavailable,
     "it wants a password: add one to online.url, or online.password"},
    {"ERR invalid password", ErrorCode::Unavailable, "check the password of online.url"},
    {"ERR AUTH", ErrorCode::Unavailable, "it has no password: remove that of online.url"},
    {"ERR Client sent AUTH",
     ErrorCode::Unavailable,
     "it has no password: remove that of online.url"},
    {"NOPERM", ErrorCode::Unavailable, "its user needs the rights "},
    {"OOM", ErrorCode::ResourceExhausted, "its memory is full: raise its maxmemory"},
    {"READONLY",
     ErrorCode::Unavailable,
     "it is a read-only replica: online.url must name the master"},
    {"MISCONF", ErrorCode::Unavailable, "it cannot save to disk and takes no writes"},
    {"WRONGTYPE",
     ErrorCode::FailedPrecondition,
     "a key of ours is not a hash: another program writes there; choose another online.key_prefix"},
    {"ERR DB index", ErrorCode::Unavailable, "it has fewer databases than online.url names"},
    {"ERR SELECT", ErrorCode::Unavailable, "a cluster has one database only"},
    {"ERR This instance has cluster support disabled",
     ErrorCode::FailedPrecondition,
     "it is no cluster: write redis:// in online.url"},
}};

}  // namespace

std::string name_of(const RedisUrl& url, const RedisAddress& address) {
  return "redis " + (url.socket.empty() ? to_string(address) : url.socket);
}

Error to_error(std::string_view reply, const RedisUrl& url, const RedisAddress& address) {
  // Bounded, because a server may quote what it was sent.
  const std::string_view shown = reply.substr(0, std::min<std::size_t>(reply.size(), 200));
  const auto* meaning = std::ranges::find_if(
      kMeanings, [&](const Meaning& one) { return reply.starts_with(one.prefix); });
  if (meaning == kMeanings.end()) {
    return {ErrorCode::Unavailable,
            fmt::format("{}: it answered: {}", name_of(url, address), shown)};
  }
  const std::string_view rights = meaning->prefix == "NOPERM" ? kNeededCommands : "";
  return {meaning->code,
          fmt::format("{}: {}{} ({})", name_of(url, address), meaning->advice, rights, shown)};
}

}  // namespace provender::online::redis

#include "online/redis/topology.hpp"

#include "base/digits.hpp"

namespace provender::online::redis {
namespace {

Error malformed() {
  return {ErrorCode::Corruption, "the answer of Redis to CLUSTER SLOTS is not as expected"};
}

/// The place behind the value at `at` and all that it holds.
std::size_t behind(const Reply& reply, std::size_t at) {
  std::size_t left = 1;
  for (; left > 0 && at < reply.size(); ++at) {
    --left;
    if (reply.kind(at) == Reply::Kind::Array) left += static_cast<std::size_t>(reply.number(at));
  }
  return at;
}

/// One element: [first, last, [host, port, …], replicas…].
std::optional<SlotRange> parse_range(const Reply& reply,
                                     std::size_t at,
                                     const RedisAddress& asked) {
  using Kind = Reply::Kind;
  if (reply.kind(at) != Kind::Array || reply.number(at) < 3 || at + 5 >= reply.size()) {
    return std::nullopt;
  }
  const bool is_right = reply.kind(at + 1) == Kind::Integer &&
                        reply.kind(at + 2) == Kind::Integer && reply.kind(at + 3) == Kind::Array &&
                        reply.number(at + 3) >= 2 && reply.kind(at + 5) == Kind::Integer;
  if (!is_right) return std::nullopt;
  const auto first = reply.number(at + 1);
  const auto last = reply.number(at + 2);
  const auto port = reply.number(at + 5);
  if (first < 0 || last < first || last >= kSlots || port < 1 || port > 65'535) return std::nullopt;
  // A host that the server does not know itself by is null, empty or "?".
  std::string host(reply.kind(at + 4) == Kind::String ? reply.text(at + 4) : std::string_view());
  if (host.empty() || host == "?") host = asked.host;
  return SlotRange{.first = static_cast<std::uint16_t>(first),
                   .last = static_cast<std::uint16_t>(last),
                   .master = {.host = std::move(host), .port = static_cast<std::uint16_t>(port)}};
}

}  // namespace

Result<std::vector<SlotRange>> parse_slots(const Reply& reply, const RedisAddress& asked) {
  if (reply.kind() != Reply::Kind::Array) return malformed();
  std::vector<SlotRange> ranges;
  for (std::size_t at = 1; at < reply.size(); at = behind(reply, at)) {
    auto range = parse_range(reply, at, asked);
    if (!range) return malformed();
    ranges.push_back(*std::move(range));
  }
  if (ranges.empty()) {
    return Error(ErrorCode::Unavailable,
                 "redis " + to_string(asked) + ": its cluster serves no slots yet");
  }
  return ranges;
}

std::optional<Redirection> parse_redirection(std::string_view error, const RedisAddress& from) {
  const bool is_ask = error.starts_with("ASK ");
  if (!is_ask && !error.starts_with("MOVED ")) return std::nullopt;
  error.remove_prefix(error.find(' ') + 1);
  const std::size_t space = error.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto slot = parse_digits(error.substr(0, space), kSlots - 1);
  const std::string_view address = error.substr(space + 1);
  const std::size_t colon = address.rfind(':');
  if (!slot || colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_digits(address.substr(colon + 1), 65'535);
  if (!port || *port == 0) return std::nullopt;
  std::string host(address.substr(0, colon));
  if (host.empty() || host == "?") host = from.host;
  return Redirection{.is_ask = is_ask,
                     .slot = static_cast<std::uint16_t>(*slot),
                     .to = {.host = std::move(host), .port = static_cast<std::uint16_t>(*port)}};
}

}  // namespace provender::online::redis

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "provender/result.hpp"

#include "model/redis_settings.hpp"
#include "online/redis/resp.hpp"
#include "online/redis/slots.hpp"

namespace provender::online::redis {

/// A range of slots and the master that has it.
struct SlotRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  RedisAddress master;
};

/// The answer to CLUSTER SLOTS of the server `asked`, which stands for a host that is left empty.
/// Unavailable if it says that no slot is served, Corruption if it is no such answer.
Result<std::vector<SlotRange>> parse_slots(const Reply& reply, const RedisAddress& asked);

/// Where a server sends us with "MOVED 3999 host:port" or "ASK 3999 host:port".
struct Redirection {
  bool is_ask = false;
  std::uint16_t slot = 0;
  RedisAddress to;
};

/// What an error says, if it is such; an empty host is that of `from`.
std::optional<Redirection> parse_redirection(std::string_view error, const RedisAddress& from);

}  // namespace provender::online::redis

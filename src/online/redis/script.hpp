#pragma once

#include <string_view>

namespace provender::online::redis {

/// Stores rows of one entity (KEYS[1]) unless what is stored is newer, and answers with the places
/// of those that it kept back, from 1, or with nothing. ARGV: the fields, then each field with its
/// row; so the common case, where all rows go in, makes no table. Rows are ordered by their first
/// 24 bytes, compared as six unsigned 32-bit words: numbers of Lua are doubles, and its order of
/// strings is that of a locale.
inline constexpr std::string_view kUpsertPacked = R"lua(
local count = #ARGV / 3
local stored = redis.call('HMGET', KEYS[1], unpack(ARGV, 1, count))
local kept
for i = 1, count do
  local old = stored[i]
  if old and #old >= 24 then
    local a1, a2, a3, a4, a5, a6 = struct.unpack('>I4I4I4I4I4I4', ARGV[count + 2 * i])
    local b1, b2, b3, b4, b5, b6 = struct.unpack('>I4I4I4I4I4I4', old)
    if a1 < b1 or a1 == b1 and (a2 < b2 or a2 == b2 and (a3 < b3 or a3 == b3 and (a4 < b4 or
       a4 == b4 and (a5 < b5 or a5 == b5 and a6 < b6)))) then
      kept = kept or {}
      kept[#kept + 1] = i
    end
  end
end
if not kept then
  redis.call('HSET', KEYS[1], unpack(ARGV, count + 1))
  return
end
local fresh, next_kept = {}, 1
for i = 1, count do
  if kept[next_kept] == i then
    next_kept = next_kept + 1
  else
    fresh[#fresh + 1] = ARGV[i]
    fresh[#fresh + 1] = ARGV[count + 2 * i]
  end
end
if #fresh > 0 then redis.call('HSET', KEYS[1], unpack(fresh)) end
return kept
)lua";

}  // namespace provender::online::redis

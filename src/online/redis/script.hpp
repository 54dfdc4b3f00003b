#pragma once

#include <string_view>

namespace provender::online::redis {

/// Stores rows of one entity (KEYS[1]) unless what is stored is newer, and answers with the places
/// of those that it kept back, from 1. ARGV: the fields, then as many rows. Rows are ordered by
/// their first 24 bytes, compared as six unsigned 32-bit words: numbers of Lua are doubles, and its
/// order of strings is that of a locale.
inline constexpr std::string_view kUpsertPacked = R"lua(
local count = #ARGV / 2
local stored = redis.call('HMGET', KEYS[1], unpack(ARGV, 1, count))
local kept, fresh = {}, {}
for i = 1, count do
  local new, old = ARGV[count + i], stored[i]
  local is_older = false
  if old and #old >= 24 and string.sub(new, 1, 24) ~= string.sub(old, 1, 24) then
    local a, b = {struct.unpack('>I4I4I4I4I4I4', new)}, {struct.unpack('>I4I4I4I4I4I4', old)}
    for word = 1, 6 do
      if a[word] ~= b[word] then
        is_older = a[word] < b[word]
        break
      end
    end
  end
  if is_older then
    kept[#kept + 1] = i
  else
    fresh[#fresh + 1] = ARGV[i]
    fresh[#fresh + 1] = new
  end
end
if #fresh > 0 then redis.call('HSET', KEYS[1], unpack(fresh)) end
return kept
)lua";

}  // namespace provender::online::redis

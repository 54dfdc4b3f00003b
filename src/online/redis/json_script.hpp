#pragma once

#include <string_view>

namespace provender::online::redis {

/// The same rule as kUpsertPacked for rows that are a field a feature. The field _provender says of
/// each view whose row is there, in JSON. A row of an older store id never replaces one of a newer.
/// ARGV, for each row: view, what _provender is to say of it, count of fields, then each field with
/// its value. Answers with the places of the rows that it kept back, from 1, or with nothing.
inline constexpr std::string_view kUpsertJson = R"lua(
local text = redis.call('HGET', KEYS[1], '_provender')
local about = text and cjson.decode(text) or {}
local kept, fresh = {}, {}
local function is_older(new, old)
  if new.store ~= old.store then return new.store < old.store end
  for word = 1, 41, 8 do
    local a = tonumber(string.sub(new.order, word, word + 7), 16)
    local b = tonumber(string.sub(old.order, word, word + 7), 16)
    if a ~= b then return a < b end
  end
  return false
end
local at, place = 1, 0
while at <= #ARGV do
  place = place + 1
  local view, new, count = ARGV[at], cjson.decode(ARGV[at + 1]), tonumber(ARGV[at + 2])
  if about[view] and is_older(new, about[view]) then
    kept[#kept + 1] = place
  else
    about[view] = new
    for i = at + 3, at + 2 + 2 * count do fresh[#fresh + 1] = ARGV[i] end
  end
  at = at + 3 + 2 * count
end
if #kept < place then
  redis.call('HSET', KEYS[1], '_provender', cjson.encode(about))
  for from = 1, #fresh, 4000 do
    redis.call('HSET', KEYS[1], unpack(fresh, from, math.min(from + 3999, #fresh)))
  end
end
return kept
)lua";

/// Removes the rows of the store ids in ARGV, and answers with how many there were. What is no hash
/// of ours is left alone.
inline constexpr std::string_view kRemoveJson = R"lua(
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return 0 end
local text = redis.call('HGET', KEYS[1], '_provender')
if not text then return 0 end
local about, dead, removed = cjson.decode(text), {}, 0
for i = 1, #ARGV do dead[tonumber(ARGV[i])] = true end
for view, one in pairs(about) do
  if dead[one.store] then
    for i = 1, #one.fields do redis.call('HDEL', KEYS[1], one.fields[i]) end
    about[view] = nil
    removed = removed + 1
  end
end
if next(about) == nil then
  redis.call('HDEL', KEYS[1], '_provender')
elseif removed > 0 then
  redis.call('HSET', KEYS[1], '_provender', cjson.encode(about))
end
return removed
)lua";

/// Answers with how many rows a key holds.
inline constexpr std::string_view kCountJson = R"lua(
if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return 0 end
local text = redis.call('HGET', KEYS[1], '_provender')
local count = 0
if text then for _ in pairs(cjson.decode(text)) do count = count + 1 end end
return count
)lua";

}  // namespace provender::online::redis

#pragma once

#include <string_view>

namespace provender::online::redis {

/// The commands that a user of an access control list must be allowed, as ACL SETUSER takes them.
inline constexpr std::string_view kNeededCommands =
    "+ping +select +hmget +hget +hset +hsetnx +hdel +hlen +type +eval +evalsha +script|load +scan "
    "+memory|usage +cluster|slots +asking";

}  // namespace provender::online::redis

#pragma once

#include <string_view>

#include "provender/error.hpp"

#include "model/redis_settings.hpp"

namespace provender::online::redis {

/// The name of a server in messages.
std::string name_of(const RedisUrl& url, const RedisAddress& address);

/// The error that a server answered with, as one of ours: what was refused, by whom, and what to
/// do.
Error to_error(std::string_view reply, const RedisUrl& url, const RedisAddress& address);

}  // namespace provender::online::redis

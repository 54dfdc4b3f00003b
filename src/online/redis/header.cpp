#include "online/redis/header.hpp"

#include <fmt/format.h>

namespace provender::online::redis {

void Header::ask(Call& call) const {
  append_command(call.begin(slot_of(key_)), {"HMGET", key_, "format", "registry", "layout"});
}

void Header::claim(Call& call) const {
  const std::uint16_t slot = slot_of(key_);
  append_command(call.begin(slot), {"HSETNX", key_, "format", std::to_string(kFormat)});
  append_command(call.begin(slot), {"HSETNX", key_, "registry", registry_id_});
  append_command(call.begin(slot), {"HSETNX", key_, "layout", layout_});
  ask(call);
}

Result<> Header::check(const Reply& reply) {
  if (!reply.is_flat_array(3)) {
    return Error(ErrorCode::Corruption, fmt::format("redis: key {} is no header", key_));
  }
  if (reply.kind(1) == Reply::Kind::Nil) return {};
  const auto foreign = [&](std::string_view what, std::string_view found, std::string_view ours) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("redis: key {} says that the rows there are of {} {}, and not {}; choose "
                    "another online.key_prefix, or delete them",
                    key_,
                    what,
                    found,
                    ours));
  };
  if (reply.text(1) != std::to_string(kFormat)) {
    return foreign("format", reply.text(1), std::to_string(kFormat));
  }
  if (reply.text(2) != registry_id_) return foreign("registry", reply.text(2), registry_id_);
  if (reply.text(3) != layout_) return foreign("layout", reply.text(3), layout_);
  is_known_ = true;
  return {};
}

}  // namespace provender::online::redis

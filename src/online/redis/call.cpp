#include "online/redis/call.hpp"

#include "online/redis/client.hpp"

namespace provender::online::redis {

void Call::clear() {
  bytes_.clear();
  commands_.clear();
  values_.clear();
  texts_.clear();
  script_ = {};
  lacks_script_ = false;
  has_script_.clear();
  trouble_.reset();
  only_ = nullptr;
  is_patient_ = false;
  takes_bad_keys_ = false;
}

void Call::keep(Command& command, const Reply& reply) {
  command.first_value = values_.size();
  command.value_count = reply.size();
  const std::size_t begin = texts_.size();
  for (const Reply::Value& value : reply.values()) {
    values_.emplace_back(value).begin += begin;
  }
  texts_ += reply.bytes();
}

void Call::on_reply(std::uint32_t token, const Reply& reply) {
  client_->replied(*this, token, reply);
}

void Call::on_lost(std::uint32_t token, const Error& why) {
  client_->lost(*this, token, why);
}

}  // namespace provender::online::redis

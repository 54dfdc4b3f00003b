#include "online/redis/call.hpp"

#include "online/redis/client.hpp"

namespace provender::online::redis {

void Call::clear() {
  bytes_.clear();
  commands_.clear();
  values_.clear();
  texts_.clear();
  script_ = {};
  has_script_.clear();
  trouble_.reset();
  only_ = nullptr;
  is_patient_ = false;
  takes_bad_keys_ = false;
}

void Call::keep(Command& command, const Reply& reply) {
  command.first_value = values_.size();
  command.value_count = reply.size();
  for (std::size_t i = 0; i < reply.size(); ++i) {
    Reply::Value& value = values_.emplace_back(reply.values()[i]);
    value.begin = texts_.size();
    texts_ += reply.text(i);
  }
}

void Call::on_reply(std::uint32_t token, const Reply& reply) {
  client_->replied(*this, token, reply);
}

void Call::on_lost(std::uint32_t token, const Error& why) {
  client_->lost(*this, token, why);
}

}  // namespace provender::online::redis

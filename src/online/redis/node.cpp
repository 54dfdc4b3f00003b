#include "online/redis/node.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "online/redis/redis_error.hpp"

namespace provender::online::redis {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstBackoff{20};
constexpr milliseconds kLongestBackoff{500};

}  // namespace

Node::Node(EventLoop& loop, const Access& access, RedisAddress address, Listener& listener)
    : loop_(loop),
      access_(access),
      address_(std::move(address)),
      listener_(listener),
      random_(std::random_device{}()) {}

bool Node::is_ready() const {
  return std::ranges::any_of(connections_, [](const auto& one) { return one->is_ready(); });
}

Connection& Node::open() {
  Connection::Owner& owner = *this;
  Connection& connection =
      *connections_.emplace_back(std::make_unique<Connection>(loop_, access_, address_, owner));
  connection.start();
  return connection;
}

Result<Connection*> Node::pick(std::uint64_t call) {
  const bool is_same = call != 0 && call == chosen_for_;
  if (is_same && chosen_ != nullptr && !chosen_->is_closed()) return chosen_;
  auto connection = choose();
  chosen_ = connection ? *connection : nullptr;
  chosen_for_ = call;
  return connection;
}

/// The one with the least to do.
Result<Connection*> Node::choose() {
  Connection* best = nullptr;
  Connection* beginning = nullptr;
  int open_ones = 0;
  for (const auto& connection : connections_) {
    if (connection->is_closed()) continue;
    ++open_ones;
    if (!connection->is_ready()) {
      beginning = connection.get();
    } else if (best == nullptr || connection->pending() < best->pending()) {
      best = connection.get();
    }
  }
  if (best != nullptr) {
    // The next one will have it; this one need not wait for it.
    const bool is_busy = best->pending() > 0 && beginning == nullptr;
    if (is_busy && open_ones < access_.settings.pool && !failure_) open();
    return best;
  }
  if (beginning != nullptr) return beginning;
  if (failure_ && std::chrono::steady_clock::now() < retry_at_) return *failure_;
  Connection& opened = open();
  if (opened.is_closed()) return *failure_;
  return &opened;
}

void Node::on_connected(Connection& /*connection*/) {
  failure_.reset();
  backoff_ = milliseconds(0);
  if (lost_ > 0) {
    --lost_;
    ++access_.activity->reconnects;
  }
  listener_.on_node_changed(*this);
}

void Node::on_closed(Connection& connection, const Error& why) {
  listener_.on_node_changed(*this);
  if (connection.was_ready() && is_in_use_) ++lost_;
  if (connection.was_ready()) return;  // it may be back already: the next one who needs it will see
  failure_ = why;
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, kLongestBackoff);
  const auto least = backoff_.count() / 2;
  std::uniform_int_distribution<milliseconds::rep> jitter(least, backoff_.count());
  retry_at_ = std::chrono::steady_clock::now() + milliseconds(jitter(random_));
}

Node::Time Node::tend(Time now) {
  chosen_ = nullptr;
  std::erase_if(connections_, [](const auto& one) { return one->is_closed(); });
  Time next = Time::max();
  const std::size_t count = connections_.size();  // ending one may open another
  for (std::size_t i = 0; i < count; ++i) {
    Connection& connection = *connections_[i];
    if (connection.is_ready()) {
      if (!is_in_use_ && connection.pending() == 0) {
        connection.close(Error(ErrorCode::Unavailable, "not needed any more"));
      }
      continue;
    }
    const Time limit = connection.begun() + access_.settings.connect_timeout;
    if (limit > now) {
      next = std::min(next, limit);
      continue;
    }
    connection.close(Error(ErrorCode::Unavailable,
                           fmt::format("{}: it did not answer within {} ms",
                                       name_of(access_.settings.url, address_),
                                       access_.settings.connect_timeout.count())));
  }
  if (!failure_ || !is_in_use_) return next;
  const bool is_trying = std::ranges::any_of(
      connections_, [](const auto& connection) { return !connection->is_closed(); });
  if (is_trying) return next;
  if (retry_at_ <= now) {
    open();
    return std::min(next, now + access_.settings.connect_timeout);
  }
  return std::min(next, retry_at_);
}

}  // namespace provender::online::redis

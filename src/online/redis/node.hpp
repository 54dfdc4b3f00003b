#pragma once

#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "online/redis/connection.hpp"

namespace provender::online::redis {

/// One server and the connections to it: at most `settings.pool`, made when they are needed. While
/// it is away it is tried again, later and later up to half a second, with jitter. Confined to its
/// loop's thread.
class Node final : private Connection::Owner {
 public:
  using Time = EventLoop::Time;

  /// What nodes need of the client that has them.
  class Listener {
   public:
    /// A connection of it began or ended: it wants to be tended soon.
    virtual void on_node_changed(Node& node) = 0;

   protected:
    ~Listener() = default;
  };

  Node(EventLoop& loop, const Access& access, RedisAddress address, Listener& listener);

  const RedisAddress& address() const { return address_; }
  bool is_ready() const;
  /// Whether the last try to connect failed.
  bool is_down() const { return failure_.has_value(); }

  /// Whether it is looked after while nobody asks for it; at first it is.
  void set_in_use(bool in_use) { is_in_use_ = in_use; }
  bool is_in_use() const { return is_in_use_; }

  /// The connection to use now, ready or not yet; the last failure while the node is down. Gives
  /// the same one as long as the same `call` asks, so that what it sends is one write; 0 is
  /// nobody's.
  Result<Connection*> pick(std::uint64_t call);

  /// Looks after connections: ends those that take too long to begin, frees closed ones, tries
  /// again where it is time. Never called from inside of a connection. Returns when to come back.
  Time tend(Time now);

 private:
  void on_connected(Connection& connection) override;
  void on_closed(Connection& connection, const Error& why) override;
  Connection& open();
  Result<Connection*> choose();

  EventLoop& loop_;
  const Access& access_;
  RedisAddress address_;
  Listener& listener_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Connection* chosen_ = nullptr;  ///< for the call that asked last
  std::uint64_t chosen_for_ = 0;
  bool is_in_use_ = true;
  std::optional<Error> failure_;
  std::chrono::milliseconds backoff_{0};
  Time retry_at_;
  std::size_t lost_ = 0;  ///< connections that none was made in place of
  std::minstd_rand random_;
};

}  // namespace provender::online::redis

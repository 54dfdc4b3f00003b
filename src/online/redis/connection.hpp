#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "provender/event_loop.hpp"
#include "provender/result.hpp"

#include "model/redis_settings.hpp"
#include "online/redis/resolver.hpp"
#include "online/redis/resp.hpp"
#include "online/redis/tls.hpp"

namespace provender::online::redis {

/// What all connections of a store count together. Safe for concurrent use.
struct Activity {
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> in_flight = 0;
  std::atomic<std::uint64_t> reconnects = 0;
};

/// What all connections of a store share. Immutable, but for what the pointers lead to: safe for
/// concurrent use.
struct Access {
  RedisSettings settings;  ///< with the password resolved into `url`
  std::shared_ptr<const TlsContext> tls;
  std::shared_ptr<Resolver> resolver;
  std::shared_ptr<Activity> activity = std::make_shared<Activity>();
};

/// Whoever waits for the replies to commands.
class Receiver {
 public:
  /// `token` as it was sent. May send more.
  virtual void on_reply(std::uint32_t token, const Reply& reply) = 0;
  /// No reply will come; whether the command was executed is not known.
  virtual void on_lost(std::uint32_t token, const Error& why) = 0;

 protected:
  ~Receiver() = default;
};

/// One connection to one server: commands go out in the order of `send`, and their replies, which
/// come in the same order, to the receivers. Confined to its loop's thread.
class Connection final : private EventLoop::Watcher {
 public:
  /// Told of the two turns in a connection's life. It must not destroy the connection meanwhile.
  class Owner {
   public:
    virtual void on_connected(Connection& connection) = 0;
    virtual void on_closed(Connection& connection, const Error& why) = 0;

   protected:
    ~Owner() = default;
  };

  /// All but `address` outlive the connection.
  Connection(EventLoop& loop, const Access& access, const RedisAddress& address, Owner& owner);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to connect. May fail at once, and tell its owner.
  void start();

  const RedisAddress& address() const { return address_; }
  bool is_ready() const { return state_ == State::Ready; }
  bool is_closed() const { return state_ == State::Closed; }
  /// Whether the server ever greeted back.
  bool was_ready() const { return was_ready_; }
  EventLoop::Time begun() const { return begun_; }
  /// Commands without a reply yet.
  std::size_t pending() const { return pending_.size(); }
  /// When the connection was begun, or a byte last came.
  EventLoop::Time last_sign_of_life() const { return last_received_; }

  /// Takes one encoded command, to go out with the next flush(), when the server is there. Not on a
  /// closed connection.
  void send(std::string_view command, Receiver& receiver, std::uint32_t token);
  void flush();
  /// Ends it; what is pending is lost. Harmless on a closed connection.
  void close(const Error& why);

 private:
  enum class State : std::uint8_t { Resolving, Connecting, Greeting, Ready, Closed };
  struct Pending {
    Receiver* receiver;  ///< null: part of the greeting
    std::uint32_t token;
  };

  void on_ready(bool readable, bool writable) override;
  void resolved(const Result<Resolver::Addresses>& addresses);
  void connect_next(Error why);
  Result<> connect(const SocketAddress& address);
  void connected();
  void greet();
  void receive();
  bool take(std::string_view wire);
  bool read_replies(std::string_view bytes);
  bool dispatch();
  void greeted(const Reply& reply);
  void write_wire();
  Error error(std::string_view what) const;  ///< with the name of the server

  EventLoop& loop_;
  const Access& access_;
  RedisAddress address_;
  Owner& owner_;
  State state_ = State::Resolving;
  bool was_ready_ = false;
  std::uint64_t in_flight_ = 0;  ///< of pending_, without the greeting
  std::unique_ptr<Resolver::Ticket> ticket_;
  Resolver::Addresses addresses_;
  std::size_t next_address_ = 0;  ///< in addresses_: to try where the one before failed
  int socket_ = -1;
  std::unique_ptr<EventLoop::Watch> watch_;
  std::unique_ptr<TlsSession> tls_;
  std::unique_ptr<ReplyReader> reader_;
  std::string plain_;          ///< decrypted, not yet read
  std::string out_;            ///< commands not yet given to the wire; the greeting first
  std::size_t greeting_ = 0;   ///< bytes of out_ that are the greeting
  std::string wire_;           ///< on its way to the system
  std::size_t wire_sent_ = 0;  ///< of wire_
  bool wants_write_ = false;
  std::deque<Pending> pending_;
  EventLoop::Time begun_;
  EventLoop::Time last_received_;
};

}  // namespace provender::online::redis

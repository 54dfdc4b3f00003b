#pragma once

#include <memory>
#include <random>
#include <vector>

#include "online/redis/call.hpp"
#include "online/redis/connection.hpp"
#include "online/redis/node.hpp"
#include "online/redis/topology.hpp"

namespace provender::online::redis {

/// Speaks with one Redis server, or with all masters of a cluster, on one event loop: routes the
/// commands of a call, one write a server, follows slots that move, tries again what may be tried
/// again, and ends every call by its deadline. All commands must be harmless to repeat. Confined to
/// its loop's thread.
class Client final : private Node::Listener {
 public:
  using Time = EventLoop::Time;

  /// Connects when it is first used.
  Client(EventLoop& loop, std::shared_ptr<const Access> access);
  ~Client();  ///< calls under way are dropped without a word
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends the call; `done` comes exactly once, before this returns or later. Unavailable when a
  /// server is away or slow, with the reason; what a server's error means otherwise.
  void start(std::unique_ptr<Call> owned, Time deadline, Call::Done done);

  /// The servers that have slots: all masters, or the one server. Empty while a cluster's are not
  /// known; any call makes them known.
  std::vector<Node*> masters();

 private:
  static constexpr std::uint16_t kNoNode = 0xFFFF;
  struct Parked {
    Time when;
    Call* call = nullptr;
    std::uint32_t command = 0;
  };
  /// The question for a cluster's slots.
  struct SlotsQuestion final : Receiver {
    explicit SlotsQuestion(Client& client) : owner(client) {}
    void on_reply(std::uint32_t token, const Reply& reply) override;
    void on_lost(std::uint32_t token, const Error& why) override;
    Client& owner;
  };
  /// For replies that nobody needs.
  struct Ignore final : Receiver {
    void on_reply(std::uint32_t /*token*/, const Reply& /*reply*/) override {}
    void on_lost(std::uint32_t /*token*/, const Error& /*why*/) override {}
  };

  friend class Call;
  void on_node_changed(Node& node) override;

  // A command on its way.
  void dispatch(Call& call, std::uint32_t command);
  void transmit(Call& call, std::uint32_t command, Connection& connection);
  void park(Call& call, std::uint32_t command, Time when);
  void replied(Call& call, std::uint32_t command, const Reply& reply);
  void lost(Call& call, std::uint32_t command, const Error& why);
  void refused(Call& call, std::uint32_t command, const Reply& reply, Connection& from);
  void redirected(Call& call, std::uint32_t command, const Redirection& redirection);
  void send_script(Call& call, Connection& connection);
  void load_script(Call& call, std::uint32_t command, Connection& connection);
  void fail_or_wait(Call& call, std::uint32_t command, const Error& why);

  // Calls.
  void hold(Call& call) { ++call.held_; }
  void release(Call& call);
  std::unique_ptr<Call> take_out(Call& call);
  void fail(Call& call, const Error& why);
  void give_up(Call& call);
  void flush_touched();

  // Where slots are.
  Node* route(const Call& call, const Call::Command& command);
  std::uint16_t number_of(const RedisAddress& address);
  void want_slots();
  void ask_for_slots(Time now);
  void learned(const std::vector<SlotRange>& ranges);
  void not_learned(const Error& why);

  // Time.
  void wake_by(Time when);
  void on_time();
  Time expire(Time now);
  Time resume_parked(Time now);
  Time tend_nodes(Time now);
  Time soon();

  EventLoop& loop_;
  std::shared_ptr<const Access> access_;
  Ignore ignore_;
  SlotsQuestion slots_question_{*this};
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::uint16_t> node_of_slot_;  ///< empty: not known yet, or no cluster
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Parked> parked_;
  std::uint64_t last_number_ = 0;     ///< of a call
  std::vector<Connection*> touched_;  ///< to be flushed
  bool wants_slots_ = false;
  bool is_asking_slots_ = false;
  std::uint32_t question_ = 0;  ///< number of the question for slots in hand
  RedisAddress asked_;          ///< by it
  Time question_ends_;
  Time may_ask_slots_;           ///< not before
  std::size_t next_to_ask_ = 0;  ///< in nodes_
  std::unique_ptr<EventLoop::Timer> timer_;
  Time wake_ = Time::max();
  std::minstd_rand random_;
};

}  // namespace provender::online::redis

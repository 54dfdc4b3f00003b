#include "online/redis/client.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "online/redis/redis_error.hpp"

namespace provender::online::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint8_t kMostSends = 16;
constexpr std::uint8_t kMostLosses = 2;

bool passes_soon(std::string_view error) {
  return error.starts_with("CLUSTERDOWN") || error.starts_with("TRYAGAIN") ||
         error.starts_with("LOADING") || error.starts_with("MASTERDOWN");
}

}  // namespace

Client::Client(EventLoop& loop, std::shared_ptr<const Access> access)
    : loop_(loop),
      access_(std::move(access)),
      timer_(loop.timer([this] { on_time(); })),
      random_(std::random_device{}()) {
  const RedisUrl& url = access_->settings.url;
  if (!url.socket.empty()) number_of({});
  for (const RedisAddress& server : url.servers) {
    number_of(server);
  }
}

Client::~Client() = default;

void Client::start(std::unique_ptr<Call> owned, Time deadline, Call::Done done) {
  Call& call = *owned;
  call.end_last();
  call.client_ = this;
  call.number_ = ++last_number_;
  call.started_ = steady_clock::now();
  call.deadline_ = deadline;
  call.unanswered_ = call.commands_.size();
  if (call.unanswered_ == 0) return done(std::move(owned));
  call.done_ = std::move(done);
  call.place_ = calls_.size();
  calls_.push_back(std::move(owned));
  wake_by(deadline);
  hold(call);
  for (std::uint32_t i = 0; i < call.commands_.size() && call.done_; ++i) {
    dispatch(call, i);
  }
  flush_touched();
  release(call);
}

std::vector<Node*> Client::masters() {
  std::vector<Node*> found;
  if (!access_->settings.url.is_cluster) return {nodes_.front().get()};
  std::vector<std::uint16_t> numbers = node_of_slot_;
  std::ranges::sort(numbers);
  const auto rest = std::ranges::unique(numbers);
  numbers.erase(rest.begin(), rest.end());
  for (const std::uint16_t number : numbers) {
    if (number != kNoNode) found.push_back(nodes_[number].get());
  }
  return found;
}

// --- a command on its way ---

void Client::dispatch(Call& call, std::uint32_t command) {
  Node* node = route(call, call.commands_[command]);
  if (node == nullptr) {
    park(call, command, Time::max());  // until the slots are known
    return want_slots();
  }
  auto connection = node->pick(call.number_);
  if (connection) return transmit(call, command, **connection);
  want_slots();  // another server may have taken over
  fail_or_wait(call, command, connection.error());
}

void Client::transmit(Call& call, std::uint32_t command, Connection& connection) {
  Call::Command& one = call.commands_[command];
  send_script(call, connection);
  ++one.sent;
  one.on = &connection;
  hold(call);
  connection.send(call.encoded(one), call, command);
  if (std::ranges::find(touched_, &connection) == touched_.end()) touched_.push_back(&connection);
}

void Client::flush_touched() {
  while (!touched_.empty()) {
    Connection* connection = touched_.back();
    touched_.pop_back();
    connection->flush();
  }
}

void Client::park(Call& call, std::uint32_t command, Time when) {
  hold(call);
  parked_.push_back({.when = when, .call = &call, .command = command});
  if (when != Time::max()) wake_by(when);
}

void Client::fail_or_wait(Call& call, std::uint32_t command, const Error& why) {
  if (!call.is_patient_) return fail(call, why);
  call.trouble_ = why;
  park(call, command, soon());
}

void Client::replied(Call& call, std::uint32_t command, const Reply& reply) {
  Call::Command& one = call.commands_[command];
  Connection& from = *std::exchange(one.on, nullptr);
  if (!call.done_) return release(call);
  const bool is_bad_key =
      call.takes_bad_keys_ && reply.is_error() && reply.text().starts_with("WRONGTYPE");
  if (reply.is_error() && !is_bad_key) {
    refused(call, command, reply, from);
    flush_touched();
    return release(call);
  }
  call.keep(one, reply);
  one.is_answered = true;
  --call.held_;
  if (--call.unanswered_ > 0) return;
  auto done = std::exchange(call.done_, nullptr);
  done(take_out(call));
}

void Client::refused(Call& call, std::uint32_t command, const Reply& reply, Connection& from) {
  const std::string_view text = reply.text();
  const Error why = to_error(text, access_->settings.url, from.address());
  if (call.commands_[command].sent >= kMostSends) return fail(call, why);
  if (text.starts_with("NOSCRIPT")) return load_script(call, command, from);
  if (const auto redirection = parse_redirection(text, from.address())) {
    return redirected(call, command, *redirection);
  }
  const bool is_demoted = text.starts_with("READONLY");
  if (is_demoted && !access_->settings.url.is_cluster) {
    fail(call, why);
    return from.close(why);  // its name may lead to another server by now
  }
  if (!is_demoted && !passes_soon(text)) return fail(call, why);
  --call.commands_[command].sent;  // the deadline ends this
  call.trouble_ = why;
  want_slots();
  park(call, command, soon());
}

void Client::redirected(Call& call, std::uint32_t command, const Redirection& redirection) {
  const std::uint16_t number = number_of(redirection.to);
  if (!redirection.is_ask) {
    if (!node_of_slot_.empty()) node_of_slot_[redirection.slot] = number;
    want_slots();
  }
  auto connection = nodes_[number]->pick(call.number_);
  if (!connection) return fail_or_wait(call, command, connection.error());
  if (redirection.is_ask) {
    send_script(call, **connection);  // ASKING holds for the next command only
    std::string asking;
    append_command(asking, {"ASKING"});
    (*connection)->send(asking, ignore_, 0);
  }
  transmit(call, command, **connection);
}

/// Once a server did not know the script it goes ahead of the commands, once a connection.
void Client::send_script(Call& call, Connection& connection) {
  if (!call.lacks_script_) return;
  if (std::ranges::find(call.has_script_, &connection) != call.has_script_.end()) return;
  std::string load;
  append_command(load, {"SCRIPT", "LOAD", call.script_});
  connection.send(load, ignore_, 0);
  call.has_script_.push_back(&connection);
}

void Client::load_script(Call& call, std::uint32_t command, Connection& connection) {
  call.lacks_script_ = true;
  if (call.commands_[command].sent > 1) std::erase(call.has_script_, &connection);  // flushed again
  transmit(call, command, connection);
}

void Client::lost(Call& call, std::uint32_t command, const Error& why) {
  Call::Command& one = call.commands_[command];
  std::erase(call.has_script_, std::exchange(one.on, nullptr));
  if (!call.done_) return release(call);
  if (++one.lost < kMostLosses) {
    dispatch(call, command);
    flush_touched();
  } else {
    fail_or_wait(call, command, why);
  }
  release(call);
}

// --- calls ---

std::unique_ptr<Call> Client::take_out(Call& call) {
  calls_.back()->place_ = call.place_;
  std::swap(calls_[call.place_], calls_.back());
  std::unique_ptr<Call> owned = std::move(calls_.back());
  calls_.pop_back();
  return owned;
}

/// Lets go of a call; one that was given up, and that nobody holds any more, ends here.
void Client::release(Call& call) {
  --call.held_;
  if (call.held_ == 0 && !call.done_) take_out(call).reset();
}

void Client::fail(Call& call, const Error& why) {
  if (!call.done_) return;
  auto done = std::exchange(call.done_, nullptr);
  done(why);  // the call is held by our caller, and ends with the last of its commands
}

/// Ends a call whose time is over, and the connections that gave no sign of life in all of it:
/// replies to those behind it would not come either.
void Client::give_up(Call& call) {
  auto done = std::exchange(call.done_, nullptr);
  const auto budget = std::chrono::round<milliseconds>(call.deadline_ - call.started_);
  std::optional<Error> why;
  std::vector<Connection*> stalled;
  for (const Call::Command& command : call.commands_) {
    if (command.on == nullptr) continue;
    if (!why) {
      why = Error(ErrorCode::Unavailable,
                  fmt::format("{}: no answer within {} ms",
                              name_of(access_->settings.url, command.on->address()),
                              budget.count()));
    }
    const bool is_stalled = command.on->last_sign_of_life() < call.started_;
    if (is_stalled && std::ranges::find(stalled, command.on) == stalled.end()) {
      stalled.push_back(command.on);
    }
  }
  if (!why && call.trouble_ && call.deadline_ == Time()) why = call.trouble_;  // given up at once
  if (!why && call.trouble_) {
    why = Error(call.trouble_->code(),
                fmt::format("{}; given up after {} ms", call.trouble_->message(), budget.count()));
  }
  if (!why) {
    why = Error(
        ErrorCode::Unavailable,
        fmt::format("redis: no server of the cluster told its slots within {} ms", budget.count()));
  }
  hold(call);
  for (Connection* connection : stalled) {
    if (connection->is_ready()) connection->close(*why);
  }
  release(call);
  done(*why);
}

// --- where slots are ---

Node* Client::route(const Call& call, const Call::Command& command) {
  if (call.only_ != nullptr) return call.only_;
  if (!access_->settings.url.is_cluster) return nodes_.front().get();
  if (node_of_slot_.empty()) return nullptr;
  const std::uint16_t number = node_of_slot_[command.slot % kSlots];
  return number == kNoNode ? nullptr : nodes_[number].get();
}

std::uint16_t Client::number_of(const RedisAddress& address) {
  const auto known =
      std::ranges::find_if(nodes_, [&](const auto& node) { return node->address() == address; });
  if (known != nodes_.end()) return static_cast<std::uint16_t>(known - nodes_.begin());
  Node::Listener& listener = *this;
  nodes_.push_back(std::make_unique<Node>(loop_, *access_, address, listener));
  return static_cast<std::uint16_t>(nodes_.size() - 1);
}

/// Has the slots asked for as soon as that may be done.
void Client::want_slots() {
  if (!access_->settings.url.is_cluster) return;
  wants_slots_ = true;
  if (!is_asking_slots_) wake_by(may_ask_slots_);
}

void Client::ask_for_slots(Time now) {
  may_ask_slots_ = now + milliseconds(100);
  std::optional<Error> why;
  // Those that are there before those that may be away, each one's turn to be the first.
  for (const bool only_ready : {true, false}) {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      Node& node = *nodes_[(next_to_ask_ + i) % nodes_.size()];
      if (only_ready && !node.is_ready()) continue;
      auto connection = node.pick(0);
      if (!connection) {
        why = connection.error();
        continue;
      }
      next_to_ask_ = (next_to_ask_ + i + 1) % nodes_.size();
      asked_ = node.address();
      is_asking_slots_ = true;
      question_ends_ = now + access_->settings.connect_timeout;
      wake_by(question_ends_);
      std::string question;
      append_command(question, {"CLUSTER", "SLOTS"});
      (*connection)->send(question, slots_question_, ++question_);
      (*connection)->flush();
      return;
    }
  }
  not_learned(*why);
}

void Client::SlotsQuestion::on_reply(std::uint32_t token, const Reply& reply) {
  if (token != owner.question_ || !owner.is_asking_slots_) return;
  if (reply.is_error()) {
    return owner.not_learned(to_error(reply.text(), owner.access_->settings.url, owner.asked_));
  }
  const auto ranges = parse_slots(reply, owner.asked_);
  if (!ranges) return owner.not_learned(ranges.error());
  owner.learned(*ranges);
}

void Client::SlotsQuestion::on_lost(std::uint32_t token, const Error& why) {
  if (token == owner.question_ && owner.is_asking_slots_) owner.not_learned(why);
}

void Client::learned(const std::vector<SlotRange>& ranges) {
  is_asking_slots_ = false;
  wants_slots_ = false;
  std::vector<std::uint16_t> learned(kSlots, kNoNode);
  std::vector<bool> in_use;
  for (const SlotRange& range : ranges) {
    const std::uint16_t number = number_of(range.master);
    in_use.resize(nodes_.size());
    in_use[number] = true;
    std::fill(learned.begin() + range.first, learned.begin() + range.last + 1, number);
  }
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->set_in_use(in_use[i]);
  }
  node_of_slot_ = std::move(learned);
  for (Parked& parked : parked_) {
    if (parked.when == Time::max()) parked.when = Time();
  }
  wake_by(Time());
}

void Client::not_learned(const Error& why) {
  is_asking_slots_ = false;
  may_ask_slots_ = soon();
  const bool is_hopeless =
      why.code() == ErrorCode::FailedPrecondition ||
      std::ranges::all_of(nodes_, [](const auto& node) { return node->is_down(); });
  for (const Parked& parked : parked_) {
    if (parked.when != Time::max()) continue;
    parked.call->trouble_ = why;
    if (is_hopeless && !parked.call->is_patient_) parked.call->deadline_ = Time();
  }
  want_slots();
  wake_by(Time());
}

// --- time ---

void Client::on_node_changed(Node& /*node*/) {
  wake_by(Time());
}

Client::Time Client::soon() {
  std::uniform_int_distribution<milliseconds::rep> jitter(10, 40);
  return steady_clock::now() + milliseconds(jitter(random_));
}

void Client::wake_by(Time when) {
  if (when >= wake_) return;
  wake_ = when;
  timer_->set(when);
}

void Client::on_time() {
  const Time now = steady_clock::now();
  wake_ = Time::max();
  Time next = expire(now);
  next = std::min(next, resume_parked(now));
  next = std::min(next, tend_nodes(now));
  if (is_asking_slots_ && question_ends_ <= now) {
    not_learned(Error(ErrorCode::Unavailable,
                      fmt::format("{}: it did not tell the cluster's slots within {} ms",
                                  name_of(access_->settings.url, asked_),
                                  access_->settings.connect_timeout.count())));
  }
  if (wants_slots_ && !is_asking_slots_) {
    if (may_ask_slots_ <= now) ask_for_slots(now);
    if (wants_slots_ && !is_asking_slots_) next = std::min(next, may_ask_slots_);
  }
  flush_touched();
  if (is_asking_slots_) next = std::min(next, question_ends_);
  if (next != Time::max()) wake_by(next);
}

Client::Time Client::expire(Time now) {
  for (std::size_t i = 0; i < calls_.size();) {
    Call& call = *calls_[i];
    const bool is_over = call.done_ && call.deadline_ <= now;
    if (is_over) give_up(call);
    if (!is_over) ++i;  // else another call may stand here now
  }
  Time next = Time::max();
  for (const auto& call : calls_) {
    if (call->done_) next = std::min(next, call->deadline_);
  }
  return next;
}

Client::Time Client::resume_parked(Time now) {
  std::vector<Parked> due;
  std::erase_if(parked_, [&](const Parked& parked) {
    const bool is_due = parked.when <= now || !parked.call->done_;
    if (is_due) due.push_back(parked);
    return is_due;
  });
  for (const Parked& parked : due) {
    if (parked.call->done_) dispatch(*parked.call, parked.command);
    release(*parked.call);
  }
  Time next = Time::max();
  for (const Parked& parked : parked_) {
    next = std::min(next, parked.when);
  }
  return next;
}

Client::Time Client::tend_nodes(Time now) {
  Time next = Time::max();
  const std::size_t count = nodes_.size();  // tending one may make another known
  for (std::size_t i = 0; i < count; ++i) {
    Node& node = *nodes_[i];
    next = std::min(next, node.tend(now));
    if (node.is_in_use() && node.is_down()) want_slots();
  }
  return next;
}

}  // namespace provender::online::redis

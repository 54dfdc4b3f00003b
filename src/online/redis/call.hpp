#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provender/event_loop.hpp"
#include "provender/result.hpp"

#include "online/redis/node.hpp"
#include "online/redis/slots.hpp"
#include "online/row_names.hpp"

namespace provender::online::redis {

class Client;  // NOLINT(cppcoreguidelines-virtual-class-destructor): it is final

/// Commands that go out together, each to the server that has its slot, and their replies. Filled,
/// given to Client::start, and given back by `done`.
class Call final : private Receiver {
 public:
  using Done = std::move_only_function<void(Result<std::unique_ptr<Call>>)>;
  static constexpr std::uint16_t kAnySlot = kSlots;

  /// Begins a command for the server of `slot`: what is appended to the returned text, up to the
  /// next begin() or the start, is its encoded form.
  std::string& begin(std::uint16_t slot) {
    end_last();
    commands_.push_back({.slot = slot, .begin = bytes_.size()});
    return bytes_;
  }
  /// The slot of the last command, where it is known only once its key was appended.
  void set_slot(std::uint16_t slot) { commands_.back().slot = slot; }
  /// Keeps what the last command was made with as long as the call.
  void keep_names(std::shared_ptr<const RowNames> names) {
    commands_.back().names = std::move(names);
  }
  const RowNames* names(std::size_t command) const { return commands_[command].names.get(); }
  /// All commands are for this server, whatever their slots.
  void send_to(Node* node) { only_ = node; }
  /// The Lua text whose EVALSHA these commands are.
  void set_script(std::string_view text) { script_ = text; }
  /// Takes what is wrong with one key as the answer to its command, where other calls fail.
  void set_takes_bad_keys() { takes_bad_keys_ = true; }
  /// Waits for a server that is away, up to the deadline, where other calls fail at once.
  void set_patient() { is_patient_ = true; }

  std::size_t size() const { return commands_.size(); }
  /// The commands as they go out.
  std::string_view bytes() const { return bytes_; }
  /// After success: none is an error, but for those of bad keys where they are taken.
  Reply reply(std::size_t command) const {
    const Command& one = commands_[command];
    return {std::span(values_).subspan(one.first_value, one.value_count), texts_};
  }
  /// Empties it for the next use; its memory is kept.
  void clear();

 private:
  friend class Client;
  struct Command {
    std::uint16_t slot;
    std::uint8_t sent = 0;  ///< how often
    std::uint8_t lost = 0;
    bool is_answered = false;
    std::size_t begin = 0;
    std::size_t size = 0;
    Connection* on = nullptr;  ///< where it is on its way
    std::size_t first_value = 0;
    std::size_t value_count = 0;
    std::shared_ptr<const RowNames> names;
  };

  void end_last() {
    if (!commands_.empty()) commands_.back().size = bytes_.size() - commands_.back().begin;
  }
  std::string_view encoded(const Command& command) const {
    return std::string_view(bytes_).substr(command.begin, command.size);
  }
  void keep(Command& command, const Reply& reply);
  void on_reply(std::uint32_t token, const Reply& reply) override;
  void on_lost(std::uint32_t token, const Error& why) override;

  Client* client_ = nullptr;
  std::uint64_t number_ = 0;  ///< the client's
  std::string bytes_;
  std::vector<Command> commands_;
  std::vector<Reply::Value> values_;
  std::string texts_;
  std::string_view script_;
  bool lacks_script_ = false;                  ///< a server did not know it
  std::vector<const Connection*> has_script_;  ///< to whom it was sent
  std::optional<Error> trouble_;               ///< why it has to wait
  Node* only_ = nullptr;
  bool is_patient_ = false;
  bool takes_bad_keys_ = false;
  EventLoop::Time started_;
  EventLoop::Time deadline_;
  std::size_t unanswered_ = 0;
  std::size_t held_ = 0;   ///< by connections and the client's waiting room: it must stay meanwhile
  Done done_;              ///< null: given back, or given up
  std::size_t place_ = 0;  ///< in Client::calls_
};

}  // namespace provender::online::redis

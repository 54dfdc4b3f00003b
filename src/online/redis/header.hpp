#pragma once

#include <atomic>
#include <string>

#include "provender/result.hpp"

#include "online/redis/call.hpp"
#include "online/redis/layout.hpp"

namespace provender::online::redis {

/// The hash that says whose rows lie under a prefix of keys, so that two projects or registries
/// don't read each other's. Safe for concurrent use.
class Header {
 public:
  static constexpr int kFormat = 1;

  Header(const Layout& layout, std::string registry_id)
      : key_(layout.header_key()), layout_(layout.name()), registry_id_(std::move(registry_id)) {}

  /// Whether somebody has seen it and it is ours.
  bool is_known() const { return is_known_; }
  /// Adds the command that reads it.
  void ask(Call& call) const;
  /// Adds the commands that make it where it is missing; the last of them is that of `ask`.
  void claim(Call& call) const;
  /// What the reply to `ask` says: FailedPrecondition if the rows are not ours. An empty store is
  /// everybody's.
  Result<> check(const Reply& reply);

 private:
  std::string key_;
  std::string layout_;
  std::string registry_id_;
  std::atomic<bool> is_known_ = false;
};

}  // namespace provender::online::redis

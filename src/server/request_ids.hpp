#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace provender::server {

/// Names for requests, so that a caller's log and ours can be laid beside each other: the caller's
/// own name if it is fit to be logged (1 to 64 printable characters of ASCII, no space), else one
/// that no other request has. Confined to one thread.
class RequestIds {
 public:
  RequestIds();
  /// Writes the name over `id`.
  void choose(std::optional<std::string_view> given, std::string& id);

 private:
  std::string prefix_;  ///< random
  std::uint64_t count_ = 0;
};

}  // namespace provender::server

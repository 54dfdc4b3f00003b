#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "provender/result.hpp"

namespace provender::offline {

/// What files were when they were first looked at, so that one that changes while it is read is
/// noticed: rows of two states of a file would be the answer of none.
class FileStates {
 public:
  /// NotFound, PermissionDenied: one cannot be looked at.
  static Result<FileStates> of(const std::vector<std::string>& files);

  /// Conflict names a file that is another one now, or is gone.
  Result<> check() const;

  /// Whether one of them is what lies at `path`, under whatever name or link; its path as it was
  /// given. nullopt: none, or nothing lies there.
  std::optional<std::string> same_as(const std::string& path) const;

 private:
  struct State {
    std::string path;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_seconds = 0;
    std::int64_t changed_nanoseconds = 0;

    friend bool operator==(const State&, const State&) = default;
  };
  static Result<State> look_at(const std::string& path);

  std::vector<State> states_;
};

}  // namespace provender::offline

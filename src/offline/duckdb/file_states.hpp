#pragma once

#include <cstdint>
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

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "offline/duckdb/project_files.hpp"

namespace provender::offline {

/// What files were when they were first looked at, so that one that changes while it is read is
/// noticed: rows of two states of a file would be the answer of none.
class FileStates {
 public:
  /// Of files of sources, which messages call as the project does. NotFound, PermissionDenied: one
  /// cannot be looked at.
  static Result<FileStates> of(const ProjectFiles& names, std::span<const std::string> files);
  /// Adds another file, which messages call `name`.
  Result<> add(const std::string& path, std::string name);

  /// Conflict names a file that is another one now, or is gone.
  Result<> check() const;

  /// Whether one of them is what lies at `path`, under whatever name or link; what messages call
  /// it. nullopt: none, or nothing lies there.
  std::optional<std::string> same_as(const std::string& path) const;

 private:
  struct State {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_seconds = 0;
    std::int64_t changed_nanoseconds = 0;

    friend bool operator==(const State&, const State&) = default;
  };
  struct File {
    std::string path;
    std::string name;
    State state;
  };
  /// nullopt: errno says why.
  static std::optional<State> look_at(const std::string& path);

  std::vector<File> files_;
};

}  // namespace provender::offline

#include "offline/duckdb/file_states.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::offline {

Result<FileStates::State> FileStates::look_at(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return system_error("read", path, errno);
  return State{.path = path,
               .device = found.st_dev,
               .inode = found.st_ino,
               .size = found.st_size,
               .changed_seconds = found.st_mtim.tv_sec,
               .changed_nanoseconds = found.st_mtim.tv_nsec};
}

Result<FileStates> FileStates::of(const std::vector<std::string>& files) {
  FileStates out;
  for (const std::string& file : files) {
    PROVENDER_ASSIGN(auto state, look_at(file));
    out.states_.push_back(std::move(state));
  }
  return out;
}

Result<> FileStates::check() const {
  for (const State& state : states_) {
    const auto now = look_at(state.path);
    if (now && *now == state) continue;
    return Error(ErrorCode::Conflict,
                 fmt::format("'{}' {} while it was read: nothing was written; run it again when "
                             "nobody writes there, or write new files under new names",
                             state.path,
                             now ? "changed" : "vanished"));
  }
  return {};
}

std::optional<std::string> FileStates::same_as(const std::string& path) const {
  const auto there = look_at(path);
  if (!there) return std::nullopt;
  const auto found = std::ranges::find_if(states_, [&](const State& state) {
    return state.device == there->device && state.inode == there->inode;
  });
  if (found == states_.end()) return std::nullopt;
  return found->path;
}

}  // namespace provender::offline

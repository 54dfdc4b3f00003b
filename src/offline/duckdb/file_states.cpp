#include "offline/duckdb/file_states.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/stat.h>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::offline {

std::optional<FileStates::State> FileStates::look_at(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return State{.device = found.st_dev,
               .inode = found.st_ino,
               .size = found.st_size,
               .changed_seconds = found.st_mtim.tv_sec,
               .changed_nanoseconds = found.st_mtim.tv_nsec};
}

Result<FileStates> FileStates::of(const ProjectFiles& names, std::span<const std::string> files) {
  FileStates out;
  for (const std::string& file : files) {
    PROVENDER_TRY(out.add(file, names.display(file)));
  }
  return out;
}

Result<> FileStates::add(const std::string& path, std::string name) {
  const auto state = look_at(path);
  if (!state) return system_error("read", name, errno);
  files_.push_back({.path = path, .name = std::move(name), .state = *state});
  return {};
}

Result<> FileStates::check() const {
  for (const File& file : files_) {
    const auto now = look_at(file.path);
    if (now == file.state) continue;
    return Error(ErrorCode::Conflict,
                 fmt::format("'{}' {} while it was read: nothing was written; run it again when "
                             "nobody writes there, or write new files under new names",
                             file.name,
                             now ? "changed" : "vanished"));
  }
  return {};
}

std::optional<std::string> FileStates::same_as(const std::string& path) const {
  const auto there = look_at(path);
  if (!there) return std::nullopt;
  const auto found = std::ranges::find_if(files_, [&](const File& file) {
    return file.state.device == there->device && file.state.inode == there->inode;
  });
  if (found == files_.end()) return std::nullopt;
  return found->name;
}

}  // namespace provender::offline

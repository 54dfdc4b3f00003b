#include "base/fs.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/try.hpp"

namespace provender {
namespace {

namespace stdfs = std::filesystem;

Result<> sync(const stdfs::path& path, int flags) {
  PROVENDER_ASSIGN(const auto file, Descriptor::open(path, O_RDONLY | flags));
  if (::fsync(file.get()) != 0) return system_error("sync", path, errno);
  return {};
}

stdfs::path folder_of(const stdfs::path& path) {
  return path.has_parent_path() ? path.parent_path() : stdfs::path(".");
}

ErrorCode code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return ErrorCode::NotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return ErrorCode::PermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return ErrorCode::ResourceExhausted;
    default:
      return ErrorCode::Io;
  }
}

stdfs::path path_of(int descriptor) {
  return fmt::format("/proc/self/fd/{}", descriptor);
}

/// What pending files of a target are called: this, a process id, a number, ".tmp".
std::string pending_prefix(const stdfs::path& target) {
  return fmt::format(".{}.", target.filename().native());
}

/// The first name beside `target` by which `make` makes something; it says why not by errno.
template <class Make>
Result<stdfs::path> with_fresh_name(const stdfs::path& target, Make make) {
  for (int n = 0;; ++n) {
    auto path =
        folder_of(target) / fmt::format("{}{}.{}.tmp", pending_prefix(target), ::getpid(), n);
    if (make(path)) return path;
    if (errno != EEXIST && errno != EINTR) return system_error("create a file for", target, errno);
  }
}

/// Removes the pending files of `target` that killed processes left.
void remove_orphans(const stdfs::path& target) {
  const std::string prefix = pending_prefix(target);
  std::error_code ignored;
  for (const auto& entry : stdfs::directory_iterator(folder_of(target), ignored)) {
    const std::string name = entry.path().filename().native();
    if (!name.starts_with(prefix) || !name.ends_with(".tmp")) continue;
    pid_t pid = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) ::unlink(entry.path().c_str());
  }
}

/// As ::rename. Where the file system cannot keep what is there, it is replaced.
bool rename_to(const stdfs::path& from, const stdfs::path& to, bool replace) {
  const unsigned flags = replace ? 0 : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0) return true;
  if (replace || errno != EINVAL) return false;
  return ::rename(from.c_str(), to.c_str()) == 0;
}

}  // namespace

Error system_error(std::string_view action, const stdfs::path& path, int error_number) {
  return {code_of(error_number),
          fmt::format(
              "{} {}: {}", action, path.native(), std::generic_category().message(error_number))};
}

Result<std::string> read_file(const stdfs::path& path, std::size_t limit) {
  PROVENDER_ASSIGN(const auto file, Descriptor::open(path, O_RDONLY));
  std::string bytes;
  std::array<char, 16384> buffer{};
  while (true) {
    const auto count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("read", path, errno);
    if (count == 0) return bytes;
    if (static_cast<std::size_t>(count) > limit - bytes.size()) {
      return Error(ErrorCode::ResourceExhausted,
                   fmt::format("read {}: the file is larger than {} bytes", path.native(), limit));
    }
    bytes.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<> write_file_atomic(const stdfs::path& path, std::string_view bytes) {
  PROVENDER_ASSIGN(auto pending, PendingFile::create(path));
  {
    PROVENDER_ASSIGN(const auto file, Descriptor::open(pending.path(), O_WRONLY | O_TRUNC));
    PROVENDER_TRY(write_all(file, path, bytes));
  }
  return pending.commit();
}

PendingFile::PendingFile(stdfs::path target, stdfs::path path, int nameless)
    : target_(std::move(target)), path_(std::move(path)), nameless_(nameless) {}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : target_(std::move(other.target_)),
      path_(std::exchange(other.path_, {})),
      nameless_(std::exchange(other.nameless_, -1)) {}

PendingFile& PendingFile::operator=(PendingFile&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(path_, other.path_);
  std::swap(nameless_, other.nameless_);
  return *this;
}

PendingFile::~PendingFile() {
  if (nameless_ >= 0) {
    ::close(nameless_);
  } else if (!path_.empty()) {
    ::unlink(path_.c_str());
  }
}

Result<PendingFile> PendingFile::create(stdfs::path target) {
  const auto folder = folder_of(target);
  const int nameless = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  if (nameless >= 0) {
    auto path = path_of(nameless);
    // Whoever writes opens it by that path.
    if (::access(path.c_str(), F_OK) == 0) return PendingFile(std::move(target), path, nameless);
    ::close(nameless);
  }
  remove_orphans(target);
  PROVENDER_ASSIGN(auto path, with_fresh_name(target, [](const stdfs::path& name) {
                     const int number =
                         ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                     if (number >= 0) ::close(number);
                     return number >= 0;
                   }));
  return PendingFile(std::move(target), std::move(path), -1);
}

Result<> PendingFile::name() {
  PROVENDER_ASSIGN(
      auto path, with_fresh_name(target_, [this](const stdfs::path& name) {
        return ::linkat(AT_FDCWD, path_.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0;
      }));
  ::close(std::exchange(nameless_, -1));
  path_ = std::move(path);
  return {};
}

Result<> PendingFile::commit(Existing existing) {
  PROVENDER_TRY(sync(path_, 0));
  if (nameless_ >= 0) PROVENDER_TRY(name());
  if (!rename_to(path_, target_, existing == Existing::Replace)) {
    if (errno == EEXIST && existing == Existing::Keep) {
      return Error(ErrorCode::AlreadyExists, fmt::format("'{}' exists", target_.native()));
    }
    return system_error("rename a finished file to", target_, errno);
  }
  path_.clear();
  return sync(folder_of(target_), O_DIRECTORY);
}

}  // namespace provender

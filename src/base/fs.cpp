#include "base/fs.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/try.hpp"

namespace provender {
namespace {

namespace stdfs = std::filesystem;

/// An open file descriptor.
class Descriptor {
 public:
  static Result<Descriptor> open(const stdfs::path& path, int flags) {
    int number = -1;
    do {
      number = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    } while (number < 0 && errno == EINTR);
    if (number < 0) return system_error("open", path, errno);
    return Descriptor(number);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const noexcept { return number_; }

 private:
  explicit Descriptor(int number) : number_(number) {}
  int number_;
};

Result<> write_all(const Descriptor& file, const stdfs::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file.number(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> sync(const stdfs::path& path, int flags) {
  PROVENDER_ASSIGN(const auto file, Descriptor::open(path, O_RDONLY | flags));
  if (::fsync(file.number()) != 0) return system_error("sync", path, errno);
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
    const auto count = ::read(file.number(), buffer.data(), buffer.size());
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
    PROVENDER_TRY(write_all(file, pending.path(), bytes));
  }
  return pending.commit();
}

PendingFile::PendingFile(stdfs::path target, stdfs::path path)
    : target_(std::move(target)), path_(std::move(path)) {}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})) {}

PendingFile& PendingFile::operator=(PendingFile&& other) noexcept {
  std::swap(target_, other.target_);
  std::swap(path_, other.path_);
  return *this;
}

PendingFile::~PendingFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<PendingFile> PendingFile::create(stdfs::path target) {
  const auto folder = folder_of(target);
  const auto name = target.filename().native();
  for (int n = 0;; ++n) {
    auto path = folder / fmt::format(".{}.{}.{}.tmp", name, ::getpid(), n);
    const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (number >= 0) {
      ::close(number);
      return PendingFile(std::move(target), std::move(path));
    }
    if (errno != EEXIST && errno != EINTR) return system_error("create a file for", target, errno);
  }
}

Result<> PendingFile::commit() {
  PROVENDER_TRY(sync(path_, 0));
  if (::rename(path_.c_str(), target_.c_str()) != 0) {
    return system_error("rename a finished file to", target_, errno);
  }
  path_.clear();
  return sync(folder_of(target_), O_DIRECTORY);
}

}  // namespace provender

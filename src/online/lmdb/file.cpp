#include "online/lmdb/file.hpp"

#include <cerrno>
#include <utility>

#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/fs.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::uint64_t kNoRoom = std::uint64_t{1} << 20U;

template <class Call>
auto retried(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

}  // namespace

Result<File> File::open(std::filesystem::path path, int flags) {
  const int number = retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0666); });
  if (number < 0) return system_error("open", path, errno);
  return File(std::move(path), number);
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)), number_(std::exchange(other.number_, -1)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(number_, other.number_);
  return *this;
}

File::~File() {
  if (number_ >= 0) ::close(number_);
}

Result<std::uint64_t> File::size() const {
  struct stat found{};
  if (::fstat(number_, &found) != 0) return system_error("stat", path_, errno);
  return static_cast<std::uint64_t>(found.st_size);
}

Result<std::uint64_t> File::disk_size() const {
  constexpr std::uint64_t kBlock = 512;  // of st_blocks, whatever the file system's own are
  struct stat found{};
  if (::fstat(number_, &found) != 0) return system_error("stat", path_, errno);
  return static_cast<std::uint64_t>(found.st_blocks) * kBlock;
}

Result<std::string> File::read_at(std::uint64_t offset, std::size_t size) const {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const auto count = retried([&] {
      return ::pread(number_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    });
    if (count < 0) return system_error("read", path_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

Result<> File::write_at(std::uint64_t offset, std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = retried(
        [&] { return ::pwrite(number_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (count < 0) return system_error("write", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return {};
}

Result<> File::resize(std::uint64_t size) const {
  if (retried([&] { return ::ftruncate(number_, static_cast<off_t>(size)); }) != 0) {
    return system_error("resize", path_, errno);
  }
  return {};
}

Result<> File::sync() const {
  if (retried([&] { return ::fdatasync(number_); }) != 0) return system_error("sync", path_, errno);
  return {};
}

// Marks are locks of the open file (F_OFD_SETLK), not of the process, which would lose them as soon
// as LMDB closes the same file. Each is of one byte of its own.
Result<> File::mark(Mark mark) const {
  struct flock lock{
      .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = static_cast<off_t>(mark), .l_len = 1};
  if (retried([&] { return ::fcntl(number_, F_OFD_SETLK, &lock); }) != 0) {
    return system_error("lock", path_, errno);
  }
  return {};
}

Result<bool> File::is_marked(Mark mark) const {
  struct flock lock{
      .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = static_cast<off_t>(mark), .l_len = 1};
  if (retried([&] { return ::fcntl(number_, F_OFD_GETLK, &lock); }) != 0) {
    return system_error("look at the locks of", path_, errno);
  }
  return lock.l_type != F_UNLCK;
}

bool File::has_no_room() const noexcept {
  struct statvfs disk{};
  if (::fstatvfs(number_, &disk) == 0 && disk.f_bavail * disk.f_frsize < kNoRoom) return true;
  struct rlimit limit{};
  struct stat found{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || ::fstat(number_, &found) != 0) return false;
  return limit.rlim_cur != RLIM_INFINITY &&
         static_cast<rlim_t>(found.st_size) + kNoRoom > limit.rlim_cur;
}

Result<FileLock> FileLock::take(const File& file, Mode mode) {
  const int operation = mode == Mode::Exclusive ? LOCK_EX : LOCK_SH;
  if (retried([&] { return ::flock(file.number_, operation); }) != 0) {
    return system_error("lock", file.path_, errno);
  }
  return FileLock(file.number_);
}

FileLock::FileLock(FileLock&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

FileLock::~FileLock() {
  if (number_ >= 0) ::flock(number_, LOCK_UN);
}

}  // namespace provender::online::lmdb

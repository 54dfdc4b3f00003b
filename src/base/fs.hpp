#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "provender/result.hpp"

namespace provender {

/// The whole file. NotFound, PermissionDenied or Io name the path; a file over `limit` bytes is
/// ResourceExhausted.
Result<std::string> read_file(const std::filesystem::path& path,
                              std::size_t limit = std::size_t{64} << 20);

/// Replaces a file whole or not at all: a temporary file beside it, synced, then renamed over it.
Result<> write_file_atomic(const std::filesystem::path& path, std::string_view bytes);

/// An Error for a failed system call: "open /x/y: Permission denied", with the code that fits
/// `error_number` (ENOENT, ENOTDIR NotFound; EACCES, EPERM, EROFS PermissionDenied; ENOSPC, EDQUOT,
/// EFBIG, EMFILE, ENFILE, ENOMEM ResourceExhausted; else Io).
Error system_error(std::string_view action, const std::filesystem::path& path, int error_number);

/// A file that is not there until it is finished: write to `path()`, then `commit` renames it to
/// its target. Without commit the destructor removes it. Confined to one thread.
class PendingFile {
 public:
  /// A fresh name beside `target`: ".NAME.PID.N.tmp". The folder must exist.
  static Result<PendingFile> create(std::filesystem::path target);
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&& other) noexcept;
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Syncs the file and its folder around the rename.
  Result<> commit();

 private:
  PendingFile(std::filesystem::path target, std::filesystem::path path);
  std::filesystem::path target_;
  std::filesystem::path path_;
};

}  // namespace provender

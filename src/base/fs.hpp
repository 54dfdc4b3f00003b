#pragma once

#include <cstdint>
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

/// A file that is not there until it is finished: write to `path()`, then `commit` gives it its
/// name. Without commit it is gone, even if the process is killed: it has no name where the file
/// system can do that (Linux: O_TMPFILE). Elsewhere its destructor removes it, and what a killed
/// process left goes with the next file of that name. Confined to one thread.
class PendingFile {
 public:
  /// For a file at `target`, whose folder must exist. A name that is needed is a fresh one beside
  /// it: ".NAME.PID.N.tmp".
  static Result<PendingFile> create(std::filesystem::path target);
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&& other) noexcept;
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;
  ~PendingFile();

  /// Where to write; other names in this process only.
  const std::filesystem::path& path() const noexcept { return path_; }

  enum class Existing : std::uint8_t { Replace, Keep };
  /// Syncs the file and its folder around the renaming. AlreadyExists: something is there that is
  /// to be kept.
  Result<> commit(Existing existing = Existing::Replace);

 private:
  PendingFile(std::filesystem::path target, std::filesystem::path path, int nameless);
  Result<> name();
  std::filesystem::path target_;
  std::filesystem::path path_;
  int nameless_ = -1;  ///< descriptor of a file without a name, of which path_ is a way to it
};

}  // namespace provender

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "provender/result.hpp"

namespace provender::online::lmdb {

/// An open file that knows its name. const calls are safe for concurrent use.
class File {
 public:
  /// `flags` of open(2). NotFound, PermissionDenied, … name the path.
  static Result<File> open(std::filesystem::path path, int flags);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  const std::filesystem::path& path() const noexcept { return path_; }
  Result<std::uint64_t> size() const;
  /// Bytes that the file takes on disk.
  Result<std::uint64_t> disk_size() const;
  /// Up to `size` bytes; fewer where the file ends.
  Result<std::string> read_at(std::uint64_t offset, std::size_t size) const;
  Result<> write_at(std::uint64_t offset, std::string_view bytes) const;
  Result<> resize(std::uint64_t size) const;
  Result<> sync() const;
  /// What a process does with a file, for as long as it has it open, told to all others. Neither of
  /// the two marks keeps anybody out by itself.
  enum class Mark : std::uint8_t { Writer, ReaderWithoutLocks };
  Result<> mark(Mark mark) const;
  /// Whether another open file has the mark.
  Result<bool> is_marked(Mark mark) const;
  /// Whether the disk, a quota or a limit leaves next to no room for this file to grow.
  bool has_no_room() const noexcept;

 private:
  friend class FileLock;
  File(std::filesystem::path path, int number) : path_(std::move(path)), number_(number) {}

  std::filesystem::path path_;
  int number_;
};

/// Holds a lock on a whole file against other processes, and other File objects of this one
/// (flock(2)).
class FileLock {
 public:
  enum class Mode : bool { Shared, Exclusive };
  static Result<FileLock> take(const File& file, Mode mode);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int number) : number_(number) {}
  int number_;
};

}  // namespace provender::online::lmdb

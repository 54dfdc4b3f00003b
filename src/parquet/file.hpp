#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "parquet/footer.hpp"

namespace provender::parquet {

/// A file that is open for reading. Safe for concurrent use.
class File {
 public:
  /// NotFound, PermissionDenied, ResourceExhausted (too many are open), Io; InvalidArgument: it is
  /// no regular file.
  static Result<File> open(std::string path);
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  std::int64_t size() const { return size_; }
  /// Fills `to` from `offset` on. Conflict: the file ends before; Io.
  Result<> read(std::int64_t offset, std::span<char> to) const;

  /// InvalidArgument: it is no Parquet file, or an encrypted one.
  Result<Footer> read_footer() const;

 private:
  File(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace provender::parquet

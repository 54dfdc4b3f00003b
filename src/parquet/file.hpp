#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/descriptor.hpp"
#include "parquet/footer.hpp"

namespace provender::parquet {

/// A footer of a quarter of a million column chunks is about as large. What is parsed of one takes
/// some times its bytes, of a damaged one up to some hundred times.
inline constexpr std::int64_t kMostFooterBytes = std::int64_t{32} << 20;

/// A file that is open for reading. Safe for concurrent use.
class File {
 public:
  /// NotFound, PermissionDenied, ResourceExhausted (too many are open), Io; InvalidArgument: it is
  /// no regular file.
  /// `name`: what messages call it.
  static Result<File> open(const std::string& path, std::string name);
  static Result<File> open(const std::string& path) { return open(path, path); }
  std::int64_t size() const { return size_; }
  /// Fills `to` from `offset` on. Conflict: the file ends before; Io.
  Result<> read(std::int64_t offset, std::span<char> to) const;

  /// InvalidArgument: it is no Parquet file, or an encrypted one; ResourceExhausted: its footer is
  /// larger than kMostFooterBytes.
  Result<Footer> read_footer() const;

 private:
  File(std::string name, Descriptor file) : name_(std::move(name)), file_(std::move(file)) {}

  std::string name_;
  Descriptor file_;
  std::int64_t size_ = 0;
};

}  // namespace provender::parquet

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "parquet/file.hpp"

namespace provender::parquet {

/// The bytes of a column chunk from its first to its last, read ahead. Confined to one thread.
class ChunkInput {
 public:
  /// `file` must outlive it, until the next call. False: the chunk does not lie in it.
  [[nodiscard]] bool open(const File& file, const ColumnChunk& chunk);

  /// How many bytes there are yet.
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  /// The next bytes: at least `count`, which are there; behind them kReadableBehind are readable.
  /// Valid until the next call of any.
  Result<std::string_view> peek(std::size_t count);
  /// Goes on behind the next `count` bytes, which are there; they need not have been looked at.
  void consume(std::size_t count) { at_ += static_cast<std::int64_t>(count); }

 private:
  const File* file_ = nullptr;
  std::int64_t at_ = 0;
  std::int64_t end_ = 0;
  std::unique_ptr<char[]> buffer_;  // NOLINT(modernize-avoid-c-arrays): not filled first
  std::size_t capacity_ = 0;
  std::int64_t buffered_at_ = 0;  ///< where in the file
  std::size_t buffered_ = 0;
};

}  // namespace provender::parquet

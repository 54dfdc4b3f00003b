#include "parquet/chunk_input.hpp"

#include <algorithm>
#include <cstring>

#include "base/try.hpp"
#include "parquet/hybrid_decoder.hpp"
#include "parquet/page_memory.hpp"

namespace provender::parquet {
namespace {

/// What is read at once, where a page needs no more.
constexpr std::size_t kReadAhead = std::size_t{1} << 20;

}  // namespace

bool ChunkInput::open(const File& file, const ColumnChunk& chunk) {
  file_ = nullptr;
  at_ = 0;
  end_ = 0;
  buffered_ = 0;
  const bool lies_in = chunk.begin >= 0 && chunk.bytes >= 0 && chunk.begin <= file.size() &&
                       chunk.bytes <= file.size() - chunk.begin;
  if (!lies_in) return false;
  file_ = &file;
  at_ = chunk.begin;
  end_ = chunk.begin + chunk.bytes;
  return true;
}

Result<std::string_view> ChunkInput::peek(std::size_t count) {
  const std::int64_t buffered_end = buffered_at_ + static_cast<std::int64_t>(buffered_);
  const bool is_inside = buffered_ > 0 && at_ >= buffered_at_ && at_ <= buffered_end;
  std::size_t kept = is_inside ? static_cast<std::size_t>(buffered_end - at_) : 0;
  const std::size_t wanted = std::min(left(), std::max(count, kReadAhead));
  if (kept < std::max<std::size_t>(count, 1) && kept < wanted) {
    if (capacity_ < wanted) {
      // It goes before there is another: what it has of this is read once more.
      buffer_.reset();
      capacity_ = 0;
      buffered_ = 0;
      const std::size_t room = with_room(wanted, kReadAhead);
      buffer_ = std::make_unique_for_overwrite<char[]>(room + kReadableBehind);  // NOLINT
      capacity_ = room;
      kept = 0;
    } else if (kept > 0) {
      std::memmove(buffer_.get(), buffer_.get() + (at_ - buffered_at_), kept);
    }
    buffered_at_ = at_;
    buffered_ = kept;
    PROVENDER_TRY(
        file_->read(at_ + static_cast<std::int64_t>(kept), {buffer_.get() + kept, wanted - kept}));
    buffered_ = wanted;
    kept = wanted;
  }
  if (kept == 0) return std::string_view();
  return std::string_view(buffer_.get() + (at_ - buffered_at_), kept);
}

}  // namespace provender::parquet

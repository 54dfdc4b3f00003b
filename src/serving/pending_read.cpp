#include "serving/pending_read.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "codec/key_codec.hpp"

namespace provender::serving {
namespace {

constexpr std::size_t kMaxIdle = 16;
constexpr std::size_t kKeptRows = 1024;  ///< some 64 KiB
constexpr std::size_t kKeptKeyBytes = std::size_t{64} << 10;

bool is_large(const PendingRead& read) {
  return read.key_bytes.capacity() > kKeptKeyBytes || read.lookups.capacity() > kKeptRows ||
         read.answer.capacity() > kKeptRows;
}

Error key_too_long(const Prepared& prepared,
                   const Prepared::Group& group,
                   std::string_view where,
                   std::size_t size) {
  std::vector<std::string_view> names;
  for (const std::size_t column : group.key_columns) {
    names.push_back(prepared.keys()[column].name);
  }
  return {ErrorCode::InvalidArgument,
          fmt::format("{}the entity key ({}) takes {} bytes encoded, more than the {} allowed",
                      where,
                      fmt::join(names, ", "),
                      size,
                      kMaxKeySize)};
}

}  // namespace

Result<> PendingRead::encode(std::span<const ValueView> keys) {
  const std::size_t width = prepared->keys().size();
  const std::size_t rows = width == 0 ? 0 : keys.size() / width;
  const std::size_t groups = prepared->groups().size();
  key_bytes.clear();
  ends.clear();
  lookups.clear();
  for (std::size_t row = 0; row < rows; ++row) {
    for (const Prepared::Group& group : prepared->groups()) {
      const std::size_t begin = key_bytes.size();
      for (const std::size_t column : group.key_columns) {
        codec::append_key_part(key_bytes, keys[row * width + column]);
      }
      const std::size_t size = key_bytes.size() - begin;
      if (size > kMaxKeySize) {
        return key_too_long(*prepared, group, rows > 1 ? fmt::format("row {}: ", row) : "", size);
      }
      ends.push_back(key_bytes.size());
    }
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const Prepared::Group& group = prepared->groups()[i % groups];
    lookups.push_back({.entity_set = group.entity_set,
                       .key = std::string_view(key_bytes).substr(begin, ends[i] - begin),
                       .store_ids = group.store_ids});
    begin = ends[i];
  }
  return {};
}

std::unique_ptr<PendingRead> PendingReads::take() {
  const std::scoped_lock lock(mutex_);
  if (idle_.empty()) return std::make_unique<PendingRead>();
  auto read = std::move(idle_.back());
  idle_.pop_back();
  return read;
}

void PendingReads::give_back(std::unique_ptr<PendingRead> read) {
  read->done = nullptr;
  read->answer.clear();
  read->prepared = nullptr;
  if (is_large(*read)) return;
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(read));
}

}  // namespace provender::serving

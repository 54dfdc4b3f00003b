#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace provender::pit {

/// Bytes that stay where they are, given back all at once. Confined to one thread.
class Arena {
 public:
  /// Of `size` bytes, aligned to 8.
  char* allocate(std::size_t size) {
    const std::size_t words = (size + 7) / 8;
    if (words > left_) {
      left_ = words > kBlock ? words : kBlock;
      blocks_.push_back(std::make_unique_for_overwrite<std::uint64_t[]>(left_));  // NOLINT
      next_ = blocks_.back().get();
    }
    char* const out = reinterpret_cast<char*>(next_);
    next_ += words;
    left_ -= words;
    return out;
  }

 private:
  static constexpr std::size_t kBlock = std::size_t{1} << 15;  ///< words

  std::vector<std::unique_ptr<std::uint64_t[]>> blocks_;  // NOLINT(modernize-avoid-c-arrays)
  std::uint64_t* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace provender::pit

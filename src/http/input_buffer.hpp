#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace provender::http {

/// Received bytes in one piece of memory. Only `room` and `shrink` may move them. Confined to one
/// thread.
class InputBuffer {
 public:
  std::string_view view() const noexcept { return {bytes_.get() + begin_, end_ - begin_}; }
  char* data() noexcept { return bytes_.get() + begin_; }
  std::size_t capacity() const noexcept { return capacity_; }

  /// Where the next bytes go: at least `least`.
  std::span<char> room(std::size_t least) {
    if (capacity_ - end_ < least) {
      const std::size_t needed = view().size() + least;
      move_to(needed <= capacity_ ? capacity_ : std::max(needed, capacity_ * 2));
    }
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) noexcept { end_ += count; }

  /// Drops the first bytes.
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  /// Drops bytes from the middle.
  void erase(std::size_t at, std::size_t count) noexcept {
    char* const gap = data() + at;
    std::memmove(gap, gap + count, view().size() - at - count);
    end_ -= count;
  }

  /// Gives memory beyond `capacity` back if what is held fits into it.
  void shrink(std::size_t capacity) {
    if (capacity_ > capacity && view().size() <= capacity) move_to(capacity);
  }

 private:
  void move_to(std::size_t capacity) {
    const std::string_view held = view();
    if (capacity == capacity_) {
      std::memmove(bytes_.get(), held.data(), held.size());
    } else {
      auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
      std::ranges::copy(held, bytes.get());
      bytes_ = std::move(bytes);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = held.size();
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace provender::http

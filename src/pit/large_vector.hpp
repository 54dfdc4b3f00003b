#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace provender::pit {

/// Memory in pages of 2 MB where the system gives them, for arrays that are read in an order that
/// no cache knows: else most reads would wait for the address of their page as well. Not filled;
/// std::bad_alloc.
void* allocate_large(std::size_t bytes);
void free_large(void* memory, std::size_t bytes) noexcept;

/// Arrays of less than this are like others.
inline constexpr std::size_t kLeastLarge = std::size_t{1} << 20;

template <class T>
struct LargeAllocator {
  using value_type = T;  // NOLINT(readability-identifier-naming): the standard's name

  LargeAllocator() = default;
  template <class U>
  LargeAllocator(const LargeAllocator<U>& /*other*/) {}  // NOLINT(google-explicit-constructor)

  // NOLINTNEXTLINE(readability-convert-member-functions-to-static): what an allocator is
  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    return static_cast<T*>(bytes < kLeastLarge ? ::operator new(bytes) : allocate_large(bytes));
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    const std::size_t bytes = count * sizeof(T);
    bytes < kLeastLarge ? ::operator delete(memory) : free_large(memory, bytes);
  }
  friend bool operator==(const LargeAllocator&, const LargeAllocator&) { return true; }
};

template <class T>
using LargeVector = std::vector<T, LargeAllocator<T>>;

}  // namespace provender::pit

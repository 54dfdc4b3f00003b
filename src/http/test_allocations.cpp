#include "http/test_allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

// What operator new counts has no other place.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
thread_local std::size_t count = 0;

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++count;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  ++count;
  return std::malloc(size);
}
// NOLINTBEGIN(clang-analyzer-cplusplus.NewDelete): here is what deletes, not who does
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}
// NOLINTEND(clang-analyzer-cplusplus.NewDelete)

namespace provender::http::test {

std::size_t allocations() {
  return count;
}

}  // namespace provender::http::test

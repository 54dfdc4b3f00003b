#include "pit/large_vector.hpp"

#include <cstdint>

#include <sys/mman.h>

namespace provender::pit {
namespace {

constexpr std::size_t kSmallPage = 4096;
constexpr std::size_t kLargePage = std::size_t{1} << 21;

/// What is mapped for `bytes`: a large page at the end only where most of it is used.
std::size_t mapped(std::size_t bytes) {
  const std::size_t last = bytes % kLargePage;
  const std::size_t page = last > kLargePage / 4 * 3 ? kLargePage : kSmallPage;
  return (bytes + page - 1) / page * page;
}

}  // namespace

void* allocate_large(std::size_t bytes) {
  const std::size_t size = mapped(bytes);
  void* const begin = ::mmap(nullptr,
                             size + kLargePage,
                             PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                             -1,
                             0);
  if (begin == MAP_FAILED) throw std::bad_alloc();
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::size_t before = (kLargePage - address % kLargePage) % kLargePage;
  char* const out = static_cast<char*>(begin) + before;
  if (before > 0) ::munmap(begin, before);
  ::munmap(out + size, kLargePage - before);
  ::madvise(out, size, MADV_HUGEPAGE);  // a wish: small pages do as well
  return out;
}

void free_large(void* memory, std::size_t bytes) noexcept {
  ::munmap(memory, mapped(bytes));
}

}  // namespace provender::pit

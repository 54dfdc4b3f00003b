#include "online/lmdb/fork_guard.hpp"

#include <cerrno>

#include <sys/mman.h>

#include "base/fs.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::size_t kPage = 4096;

}  // namespace

Result<ForkGuard> ForkGuard::make() {
  void* page = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return system_error("map", "a page of memory", errno);
  ForkGuard guard(page);
  if (::madvise(page, kPage, MADV_WIPEONFORK) != 0) {
    return system_error("mark", "a page of memory", errno);
  }
  *static_cast<char*>(page) = 1;
  return guard;
}

void ForkGuard::Unmap::operator()(void* page) const noexcept {
  ::munmap(page, kPage);
}

}  // namespace provender::online::lmdb

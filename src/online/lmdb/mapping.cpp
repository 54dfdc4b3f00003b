#include "online/lmdb/mapping.hpp"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <memory>

namespace provender::online::lmdb {

const char* mapped_file(const void* address) noexcept {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> maps(std::fopen("/proc/self/maps", "re"),
                                                             std::fclose);
  if (!maps) return nullptr;
  const auto sought = reinterpret_cast<std::uintptr_t>(address);
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::uintptr_t offset = 0;
  // NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit
  while (
      std::fscanf(
          maps.get(), "%" SCNxPTR "-%" SCNxPTR " %*s %" SCNxPTR "%*[^\n]", &begin, &end, &offset) ==
      3) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is what a mapping is
    if (begin <= sought && sought < end) return reinterpret_cast<const char*>(begin - offset);
  }
  return nullptr;
}

}  // namespace provender::online::lmdb

#include "base/own_folder.hpp"

#include <system_error>

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>

namespace provender {

namespace fs = std::filesystem;

Result<fs::path> own_folder() {
  static const char anchor = 0;
  Dl_info info{};
  link_map* map = nullptr;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): the interface is untyped
  if (::dladdr1(&anchor, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0) {
    return Error(ErrorCode::Internal, "the program cannot tell where it is");
  }
  // The program itself has no name in the link map, and its argv[0] may be relative.
  const bool is_program = map == nullptr || map->l_name == nullptr || *map->l_name == '\0';
  std::error_code failed;
  const fs::path path = fs::canonical(is_program ? "/proc/self/exe" : map->l_name, failed);
  if (failed) return Error(ErrorCode::Io, fmt::format("find the program: {}", failed.message()));
  return path.parent_path();
}

}  // namespace provender

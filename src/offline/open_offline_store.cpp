#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <link.h>

#include "base/try.hpp"
#include "offline/offline_store.hpp"
#include "offline/plugin.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLibrary = "libprovender_duckdb.so";

/// The folder of the program or library that holds this code.
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

Result<void*> load_library() {
  PROVENDER_ASSIGN(const fs::path folder, own_folder());
  std::vector<std::string> looked;
  for (const fs::path& place : {folder / "provender", folder / ".." / "lib" / "provender"}) {
    const fs::path path = (place / kLibrary).lexically_normal();
    looked.push_back(path.string());
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    // Never closed: what it hands out may live as long as the process. DuckDB's 24,000 functions
    // are bound when they are called; the plug-in's own at once, so that what is missing is said
    // here.
    void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library != nullptr) return library;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps the message per thread
    const char* const why = ::dlerror();
    return Error(ErrorCode::FailedPrecondition, fmt::format("load {}: {}", path.string(), why));
  }
  return Error(ErrorCode::FailedPrecondition,
               fmt::format("the DuckDB plug-in is not installed: looked for {}",
                           fmt::join(looked, " and ")));
}

}  // namespace

Result<std::unique_ptr<OfflineStore>> open_offline_store(const OfflineOptions& options) {
  PROVENDER_ASSIGN(void* library, load_library());
  const auto entry = reinterpret_cast<PluginFunction>(::dlsym(library, kPluginFunction));
  const Plugin* plugin = entry == nullptr ? nullptr : entry();
  if (plugin == nullptr || std::strcmp(plugin->build, kPluginBuild) != 0) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("{} is of another build ({}) than this program ({}): install both anew",
                    kLibrary,
                    plugin == nullptr ? "unknown" : plugin->build,
                    kPluginBuild));
  }
  return plugin->open(options);
}

}  // namespace provender::offline

#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/own_folder.hpp"
#include "base/try.hpp"
#include "offline/offline_store.hpp"
#include "offline/plugin.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLibrary = "libprovender_duckdb.so";

Result<void*> load_library() {
  PROVENDER_ASSIGN(const fs::path folder, own_folder());
  std::vector<std::string> looked;
  for (const fs::path& place : {folder / "provender", folder / ".." / "lib" / "provender"}) {
    const fs::path path = (place / kLibrary).lexically_normal();
    looked.push_back(path.string());
    std::error_code ignored;
    if (!fs::exists(path, ignored)) continue;
    // Never closed: what it hands out may live as long as the process.
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

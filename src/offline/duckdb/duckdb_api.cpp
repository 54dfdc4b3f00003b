#include "offline/duckdb/duckdb_api.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/own_folder.hpp"
#include "base/try.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

Error cannot_load(std::string_view why) {
  return {ErrorCode::FailedPrecondition,
          fmt::format("load DuckDB: {}: install Provender anew", why)};
}

/// Beside the plug-in; a test has it linked.
Result<void*> open_library() {
  PROVENDER_ASSIGN(const fs::path folder, own_folder());
  const fs::path beside = folder / "libduckdb.so";
  std::error_code ignored;
  if (!fs::exists(beside, ignored)) {
    void* const linked = ::dlopen(beside.filename().c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (linked == nullptr) return cannot_load(beside.string() + " is not there");
    return linked;
  }
  // Never closed. DuckDB's 24,000 functions are bound when they are called.
  void* const library = ::dlopen(beside.c_str(), RTLD_LAZY | RTLD_LOCAL);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps the message per thread
  if (library == nullptr) return cannot_load(::dlerror());
  return library;
}

Result<DuckdbApi> find_functions() {
  PROVENDER_ASSIGN(void* const library, open_library());
  DuckdbApi out;
#define PROVENDER_DUCKDB_FIND(name)                                         \
  out.name = reinterpret_cast<decltype(out.name)>(::dlsym(library, #name)); \
  if (out.name == nullptr) return cannot_load("it has no function " #name);
  PROVENDER_DUCKDB_FUNCTIONS(PROVENDER_DUCKDB_FIND)
#undef PROVENDER_DUCKDB_FIND
  return out;
}

/// Null: not loaded yet. What is loaded stays, as who uses it may outlive all that is static.
std::atomic<const DuckdbApi*>& loaded() {
  static std::atomic<const DuckdbApi*> out = nullptr;
  return out;
}

}  // namespace

Result<> load_duckdb() {
  static std::mutex mutex;
  const std::scoped_lock lock(mutex);
  if (loaded().load() != nullptr) return {};
  PROVENDER_ASSIGN(const DuckdbApi api, find_functions());
  loaded() = std::make_unique<const DuckdbApi>(api).release();
  return {};
}

const DuckdbApi& duckdb_api() {
  return *loaded().load(std::memory_order_acquire);
}

}  // namespace provender::offline

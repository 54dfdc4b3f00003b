#include "offline/duckdb/duckdb_api.hpp"

#include <string>

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/own_folder.hpp"
#include "base/try.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLibrary = "libduckdb.so";

Error cannot_load(std::string_view why) {
  return {ErrorCode::FailedPrecondition,
          fmt::format("load DuckDB: {}: install Provender anew", why)};
}

/// Beside the plug-in; a test has it linked.
Result<std::string> find_library() {
  PROVENDER_ASSIGN(const fs::path folder, own_folder());
  const fs::path beside = folder / kLibrary;
  std::error_code ignored;
  return fs::exists(beside, ignored) ? beside.string() : std::string(kLibrary);
}

Result<DuckdbApi> open_library() {
  PROVENDER_ASSIGN(const std::string path, find_library());
  // Never closed. DuckDB's 24,000 functions are bound when they are called.
  void* const library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): glibc keeps the message per thread
  if (library == nullptr) return cannot_load(::dlerror());
  DuckdbApi out;
#define PROVENDER_DUCKDB_FIND(name)                                         \
  out.name = reinterpret_cast<decltype(out.name)>(::dlsym(library, #name)); \
  if (out.name == nullptr) return cannot_load(path + " has no function " #name);
  PROVENDER_DUCKDB_FUNCTIONS(PROVENDER_DUCKDB_FIND)
#undef PROVENDER_DUCKDB_FIND
  return out;
}

const Result<DuckdbApi>& opened_library() {
  static const Result<DuckdbApi> opened = open_library();
  return opened;
}

}  // namespace

Result<> load_duckdb() {
  const Result<DuckdbApi>& opened = opened_library();
  if (!opened) return opened.error();
  return {};
}

const DuckdbApi& duckdb_api() {
  return *opened_library();
}

}  // namespace provender::offline

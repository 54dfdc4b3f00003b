#include "conformance/stores.hpp"

#include <filesystem>
#include <utility>

#include <unistd.h>

#include "online/lmdb/lmdb_store.hpp"
#include "online/memory/memory_store.hpp"

namespace provender::online {
namespace {

Result<std::unique_ptr<OnlineStore>> open_memory() {
  return open_memory_store();
}

Result<std::unique_ptr<OnlineStore>> open_lmdb() {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("provender-conformance-" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  return open_lmdb_store({.path = folder,
                          .project = "conformance",
                          .registry_id = "1",
                          .map_size = std::uint64_t{1} << 30U});
}

}  // namespace

std::vector<StoreQuirks> all_stores() {
  return {{.name = "memory", .open = open_memory}, {.name = "lmdb", .open = open_lmdb}};
}

}  // namespace provender::online

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

std::filesystem::path lmdb_folder() {
  return std::filesystem::temp_directory_path() /
         ("provender-conformance-" + std::to_string(::getpid()));
}

void remove_lmdb() {
  std::filesystem::remove_all(lmdb_folder());
}

Result<std::unique_ptr<OnlineStore>> open_lmdb() {
  remove_lmdb();
  return open_lmdb_store({.path = lmdb_folder(),
                          .project = "conformance",
                          .registry_id = "1",
                          .map_size = std::uint64_t{1} << 30U});
}

}  // namespace

std::vector<StoreQuirks> all_stores() {
  return {{.name = "memory", .open = open_memory},
          {.name = "lmdb", .open = open_lmdb, .clean_up = remove_lmdb}};
}

}  // namespace provender::online

#include "conformance/stores.hpp"

#include "online/memory/memory_store.hpp"

namespace provender::online {

std::vector<StoreQuirks> all_stores() {
  return {{.name = "memory",
           .open = [] -> Result<std::unique_ptr<OnlineStore>> { return open_memory_store(); }}};
}

}  // namespace provender::online

#include "serving/reader.hpp"

#include "base/try.hpp"
#include "registry/resolve.hpp"
#include "serving/prepared.hpp"
#include "serving/store_reader.hpp"

namespace provender::serving {

Result<std::shared_ptr<const PreparedRead>> prepare(registry::Registry& registry,
                                                    const FeatureRequest& request) {
  PROVENDER_ASSIGN(auto snapshot, registry.snapshot());
  PROVENDER_ASSIGN(const Selection selection, registry::resolve(registry, *snapshot, request));
  return Prepared::make(std::make_shared<const LoadedSnapshot>(std::move(snapshot)), selection);
}

std::unique_ptr<OnlineReader> make_reader(registry::Registry& registry,
                                          online::OnlineStore& store,
                                          const Clock& clock) {
  return std::make_unique<StoreReader>(registry, store, clock);
}

}  // namespace provender::serving

#pragma once

#include <memory>

#include "provender/online_read.hpp"

#include "base/clock.hpp"
#include "online/online_store.hpp"
#include "registry/registry.hpp"

namespace provender::serving {

/// Resolves a request against the registry as it is now.
Result<std::shared_ptr<const PreparedRead>> prepare(registry::Registry& registry,
                                                    const FeatureRequest& request);

/// The read path: ttl is judged and statuses are given at read time, by `clock`. All three outlive
/// the reader.
std::unique_ptr<OnlineReader> make_reader(registry::Registry& registry,
                                          online::OnlineStore& store,
                                          const Clock& clock);

}  // namespace provender::serving

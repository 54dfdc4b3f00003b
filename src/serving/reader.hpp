#pragma once

#include <memory>

#include "base/clock.hpp"
#include "online/online_store.hpp"
#include "provender/online_read.hpp"
#include "registry/registry.hpp"

namespace provender::serving {

/// The read path: features of entities from the online store, with ttl judged and statuses given at read time.
/// Safe for concurrent use.
class Reader {
 public:
  /// All three outlive the reader.
  Reader(registry::Registry& registry, online::OnlineStore& store, const Clock& clock);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  /// Resolves a request against the newest snapshot known; the same request and revision give the same object, from a
  /// bounded cache. InvalidArgument or NotFound name what is wrong with it.
  Result<std::shared_ptr<const PreparedRead>> prepare(const FeatureRequest& request);

  /// Reads `keys` (rows × prepared.keys(), row after row, each of the key's type, not null) in one store call for all views,
  /// and calls `done` once, on this thread or the store's. `keys` need not outlive the call.
  void read(std::shared_ptr<const PreparedRead> prepared, std::span<const ValueView> keys, OnlineReadDone done);

  /// Looks whether the registry changed; reads and prepares after it see the change. Called at least once a second.
  Result<> refresh();

  std::shared_ptr<const registry::Snapshot> snapshot() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace provender::serving

#pragma once

#include <memory>
#include <string>

#include "provender/result.hpp"

#include "model/redis_settings.hpp"
#include "online/online_store.hpp"
#include "online/row_names.hpp"

namespace provender::online {

struct RedisOptions {
  RedisSettings settings;
  /// Whose features these are: rows of another registry under the same keys are refused.
  std::string project;
  std::string registry_id;
  bool read_only = false;
  /// For the layout json only. On event loops `names_on_loop` is asked, which waits for nobody
  /// long; null: `names`.
  LoadRowNames names = nullptr;
  LoadRowNames names_on_loop = nullptr;
  /// What was applied when the store was opened, so that the first read need not ask; may be null.
  std::shared_ptr<const RowNames> known_names = nullptr;
};

/// The store in a Redis server or a Redis Cluster (docs/format/redis.md). Connects when it is first
/// used, so it opens while the server is away.
///
/// InvalidArgument: a certificate, or the environment variable of the password, cannot be used.
Result<std::unique_ptr<OnlineStore>> open_redis_store(const RedisOptions& options);

}  // namespace provender::online

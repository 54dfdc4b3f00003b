#pragma once

#include <memory>

#include "provender/result.hpp"

#include "online/lmdb/environment.hpp"
#include "online/lmdb/reader_pool.hpp"
#include "online/lmdb/syncer.hpp"

namespace provender::online::lmdb {

/// What all stores of a process that are open on one folder share: LMDB's locks belong to the
/// process, and closing one of two environments on a file would drop those of the other.
struct SharedEnvironment {
  SharedEnvironment(Environment opened, const LmdbOptions& options)
      : environment(std::move(opened)),
        readers(environment),
        syncer(environment, {.interval = options.sync_interval, .growth = options.sync_growth}) {}

  Environment environment;
  ReaderPool readers;
  Syncer syncer;
};

/// The environment of the folder, opened or shared. FailedPrecondition if this process has the
/// folder open only to read and `options` ask to write.
Result<std::shared_ptr<SharedEnvironment>> share_environment(const LmdbOptions& options);

}  // namespace provender::online::lmdb

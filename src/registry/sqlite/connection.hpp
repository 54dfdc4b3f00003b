#pragma once

#include <memory>
#include <mutex>

#include "registry/sqlite/database.hpp"

namespace provender::registry::sqlite {

/// One connection for all threads of a process: whoever uses it holds the mutex, from the first
/// statement to the commit.
struct Connection {
  std::mutex mutex;
  std::unique_ptr<Database> database;
};

}  // namespace provender::registry::sqlite

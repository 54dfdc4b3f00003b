#pragma once

#include <memory>

#include "online/online_store.hpp"

namespace provender::online {

/// A store that lives in this process and ends with it: for tests and trials. Safe for concurrent
/// use.
std::unique_ptr<OnlineStore> open_memory_store();

}  // namespace provender::online

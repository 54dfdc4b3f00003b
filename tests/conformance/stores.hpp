#pragma once

#include <vector>

#include "conformance/store_quirks.hpp"

namespace provender::online {

/// The stores that live in the process.
std::vector<StoreQuirks> embedded_stores();

/// Redis and Redis Cluster, read by waiting and on event loops, and layout json: real servers,
/// which start with the first test and end with the process.
std::vector<StoreQuirks> redis_stores();

}  // namespace provender::online

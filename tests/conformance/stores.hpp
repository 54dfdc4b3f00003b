#pragma once

#include <vector>

#include "conformance/store_quirks.hpp"

namespace provender::online {

/// Every store there is.
std::vector<StoreQuirks> all_stores();

}  // namespace provender::online

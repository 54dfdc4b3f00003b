#pragma once

#include <memory>
#include <span>
#include <vector>

#include "provender/historical.hpp"
#include "provender/online_read.hpp"

namespace provender::cli {

/// One entity's values, and the time that ages count from.
struct EntityValues {
  std::vector<ValueAsOf> values;  ///< as prepared.features()
  Timestamp now;
};

/// Reads one entity from the online store, and waits for the answer.
Result<EntityValues> read_online(OnlineReader& reader,
                                 const std::shared_ptr<const PreparedRead>& prepared,
                                 std::span<const Value> keys);

}  // namespace provender::cli

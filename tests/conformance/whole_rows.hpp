#pragma once

#include <memory>

#include "online/online_store.hpp"
#include "online/row_names.hpp"

namespace provender::online {

/// The names of what the conformance suites write: entity sets of one key, and views of one
/// feature.
std::shared_ptr<const RowNames> conformance_names();

/// A store that gets whole rows where the suites write order bytes and something behind them, and
/// gives back those: for layouts that look into rows.
std::unique_ptr<OnlineStore> with_whole_rows(std::unique_ptr<OnlineStore> store);

}  // namespace provender::online

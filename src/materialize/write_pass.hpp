#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "provender/control.hpp"

#include "materialize/view_cursor.hpp"
#include "online/online_store.hpp"

namespace provender::materialize {

/// What became of one view in a pass.
struct PassResult {
  std::uint64_t written = 0;
  std::uint64_t kept = 0;      ///< the store had a newer row
  std::optional<Error> error;  ///< of the view's source; the other views went on
};

/// Writes the rows of several views of one entity set in one pass in key order, so that an ordered
/// store appends where it can. One result per cursor. An error of the store, a stop (`control`) or
/// a lost lease (`lost`) end the pass.
Result<std::vector<PassResult>> write_pass(std::span<const std::unique_ptr<ViewCursor>> cursors,
                                           online::OnlineStore& store,
                                           const Control& control,
                                           const std::stop_token& lost);

}  // namespace provender::materialize

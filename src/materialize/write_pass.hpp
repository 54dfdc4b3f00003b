#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
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

/// Who steers a pass, and who hears how far it is.
struct PassControl {
  const Control& control;
  const std::stop_token& lost;  ///< a lease of the pass was lost
  std::string_view phase;       ///< as progress names it
};

/// Writes the rows of several views of one entity set in one pass in key order, so that an ordered
/// store appends where it can. One result per cursor. An error of the store, a stop or a lost lease
/// end the pass.
Result<std::vector<PassResult>> write_pass(std::span<const std::unique_ptr<ViewCursor>> cursors,
                                           online::OnlineStore& store,
                                           const PassControl& control);

}  // namespace provender::materialize

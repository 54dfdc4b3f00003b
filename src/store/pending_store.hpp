#pragma once

#include <functional>
#include <memory>

#include "online/online_store.hpp"

namespace provender::store {

/// An online store that may only be read and is not made yet: it has no rows, and is opened as soon
/// as somebody has made it. `open` gives NotFound until then. Safe for concurrent use.
std::unique_ptr<online::OnlineStore> make_pending_store(
    std::function<Result<std::unique_ptr<online::OnlineStore>>()> open);

}  // namespace provender::store

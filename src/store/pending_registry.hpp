#pragma once

#include <functional>
#include <memory>

#include "registry/registry.hpp"

namespace provender::store {

/// A registry that may only be read and is not made yet: it reads as one in which nothing is
/// applied, and is opened as soon as somebody has made it. `open` gives NotFound until then. Safe
/// for concurrent use.
std::unique_ptr<registry::Registry> make_pending_registry(
    std::function<Result<std::unique_ptr<registry::Registry>>()> open);

}  // namespace provender::store

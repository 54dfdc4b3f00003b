#pragma once

#include <stop_token>

#include "materialize/materializer.hpp"

namespace provender::materialize {

/// Removes the rows of generations that nobody reads any more: those that died long enough ago that
/// every reader has noticed, and that no run is filling.
Result<> sweep_dead_stores(const Stores& stores, const std::stop_token& stop);

}  // namespace provender::materialize

#pragma once

#include <span>

#include "scenario.hpp"

#include "offline/offline_store.hpp"

namespace provender::scenario {

/// Does the sections from top to bottom in a project of their own; failures are the test's. Throws
/// what is wrong with the scenario itself.
void run_scenario(std::span<const Section> sections, offline::JoinEngine engine);

}  // namespace provender::scenario

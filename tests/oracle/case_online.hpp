#pragma once

#include <optional>

#include "case_run.hpp"

namespace provender::oracle {

/// Brings the rows of a case into an online store in steps, and compares what it serves with the
/// oracle and with the offline store: at the end of each materialization, and later, where rows
/// pass their ttl.
std::optional<Difference> run_online(const RandomCase& c);

}  // namespace provender::oracle

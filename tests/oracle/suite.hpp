#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "case_run.hpp"

namespace provender::oracle {

/// What is wrong with an answer to a case; nullopt: nothing.
using Run = std::function<std::optional<Difference>(const RandomCase&)>;

/// The first seed, or another one that PROVENDER_SEED says.
std::uint64_t first_seed();
/// How many cases are run: `otherwise`, or as many as PROVENDER_CASES says.
std::uint64_t case_count(std::uint64_t otherwise);

/// The cases of one test, where several share them so that they run at the same time.
struct Share {
  std::uint64_t number = 0;
  std::uint64_t of = 1;
};

/// Runs case after case of a share until one fails: the smallest that fails in the same way is
/// written to a scenario, and the test's failure says where.
void run_cases(std::uint64_t cases, const Run& run, Share share = {});

}  // namespace provender::oracle

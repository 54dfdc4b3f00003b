#include "suite.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

#include "case_files.hpp"
#include "shrink.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace provender::oracle {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return text == nullptr ? otherwise : std::stoull(text);
}

void report(const RandomCase& failing, const Difference& difference, const Run& run) {
  const RandomCase smallest = shrink(failing, [&](const RandomCase& c) {
    const auto found = run(c);
    return found && found->is_error == difference.is_error;
  });
  const std::string file = fmt::format("seed_{}.scenario", failing.seed);
  const std::string text = to_scenario(smallest);
  std::ofstream(file) << text;
  const auto found = run(smallest);
  ADD_FAILURE() << "seed " << failing.seed << ": " << difference.text << "\nat its smallest, in "
                << file << ": " << (found ? found->text : "it does not fail every time") << "\n\n"
                << text;
}

}  // namespace

std::uint64_t first_seed() {
  return from_environment("PROVENDER_SEED", 20'260'501);
}

std::uint64_t case_count(std::uint64_t otherwise) {
  return from_environment("PROVENDER_CASES", otherwise);
}

void run_cases(std::uint64_t cases, const Run& run, Share share) {
  const std::uint64_t end = first_seed() + case_count(cases);
  for (std::uint64_t seed = first_seed() + share.number; seed < end; seed += share.of) {
    const RandomCase random_case = make_case(seed);
    const auto difference = run(random_case);
    if (difference) return report(random_case, *difference, run);
  }
}

}  // namespace provender::oracle

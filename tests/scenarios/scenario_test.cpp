#include <algorithm>
#include <filesystem>

#include "runner.hpp"
#include <gtest/gtest.h>

namespace provender::scenario {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(PROVENDER_SCENARIOS)) {
    if (entry.path().extension() == ".scenario") out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

using Parameters = std::tuple<offline::JoinEngine, fs::path>;
class Scenario : public ::testing::TestWithParam<Parameters> {};

TEST_P(Scenario, Holds) {
  const auto& [engine, file] = GetParam();
  const auto sections = read_scenario(file);
  ASSERT_TRUE(sections) << sections.error().message();
  ASSERT_FALSE(sections->empty());
  run_scenario(*sections, engine);
}

INSTANTIATE_TEST_SUITE_P(Files,
                         Scenario,
                         ::testing::Combine(::testing::ValuesIn(offline::kJoinEngines),
                                            ::testing::ValuesIn(scenario_files())),
                         [](const auto& test) {
                           return std::get<1>(test.param).stem().string() + "_with_" +
                                  std::string(to_string(std::get<0>(test.param)));
                         });

}  // namespace
}  // namespace provender::scenario

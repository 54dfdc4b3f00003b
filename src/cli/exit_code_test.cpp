#include "cli/exit_code.hpp"

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "wire/errors.hpp"

namespace provender::cli {
namespace {

constexpr int kCodes = static_cast<int>(ErrorCode::Internal) + 1;

/// Code name → exit code and HTTP status.
using CodeTable = std::map<std::string, std::pair<int, int>>;

CodeTable documented() {
  std::ifstream file(PROVENDER_SOURCE_DIR "/docs/reference/errors.md");
  const std::regex row(R"(^\| `([a-z_]+)` \| (\d+) \| (\d+) \|.*)");
  CodeTable codes;
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    codes[match[1]] = {std::stoi(match[2]), std::stoi(match[3])};
  }
  return codes;
}

TEST(ExitCode, AndHttpStatusAreWhatTheDocumentedTableSays) {
  CodeTable actual;
  for (int i = 0; i < kCodes; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    actual[std::string(to_string(code))] = {exit_code(code), wire::http_status(code)};
  }
  EXPECT_EQ(actual, documented());
}

TEST(ExitCode, TellsEveryErrorApart) {
  std::set<int> seen = {kExitOk, kExitNo};
  for (int i = 0; i < kCodes; ++i) {
    EXPECT_TRUE(seen.insert(exit_code(static_cast<ErrorCode>(i))).second) << i;
  }
}

}  // namespace
}  // namespace provender::cli

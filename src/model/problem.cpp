#include "model/problem.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace provender {
namespace {

std::string line_of(const Problem& problem) {
  const auto& [file, line] = problem.where;
  if (file.empty()) return problem.message;
  if (line == 0) return fmt::format("{}: {}", file, problem.message);
  return fmt::format("{}:{}: {}", file, line, problem.message);
}

}  // namespace

Error to_error(std::vector<Problem> problems) {
  std::ranges::stable_sort(problems, {}, [](const Problem& problem) {
    return std::tie(problem.where.file, problem.where.line);
  });
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    std::string line = line_of(problem);
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
  }
  return {ErrorCode::InvalidArgument, fmt::format("{}", fmt::join(lines, "\n"))};
}

}  // namespace provender

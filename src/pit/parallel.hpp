#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

namespace provender::pit {

/// How the rows of a step that nobody else waits for are shared out.
struct Parallel {
  /// Calls `work(part)` for each part below `parts`, perhaps at the same time; returns when all
  /// have ended. Empty: one after the other.
  std::function<void(std::size_t parts, const std::function<void(std::size_t)>& work)> run;
  /// Fewer rows than this are no part of their own.
  std::size_t least_rows = 50'000;
  std::size_t most_parts = 8;

  std::size_t parts_of(std::size_t rows) const {
    return run ? std::clamp<std::size_t>(rows / least_rows, 1, most_parts) : 1;
  }

  /// Calls `work(part, begin, end)` for consecutive parts of [0, rows): parts_of(rows) of them.
  template <class Work>
  void for_parts_of(std::size_t rows, const Work& work) const {
    const std::size_t parts = parts_of(rows);
    const auto one = [&](std::size_t part) {
      work(part, rows * part / parts, rows * (part + 1) / parts);
    };
    parts == 1 ? one(0) : run(parts, one);
  }
};

}  // namespace provender::pit

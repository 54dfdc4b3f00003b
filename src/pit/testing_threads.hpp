#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace provender::pit {

/// For tests only: Parallel::run with a thread for each part.
inline void in_threads(std::size_t parts, const std::function<void(std::size_t)>& work) {
  std::vector<std::jthread> threads;
  for (std::size_t part = 0; part < parts; ++part) {
    threads.emplace_back([&work, part] { work(part); });
  }
}

}  // namespace provender::pit

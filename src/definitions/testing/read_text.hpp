#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "definitions/document.hpp"

namespace provender::definitions::testing {

struct Read {
  Loaded loaded;
  std::vector<std::string> problems;
};

/// Problems as "LINE: message".
inline Read read_text(std::string_view text) {
  Read read;
  std::vector<Problem> problems;
  read_document(text, "f.yaml", read.loaded, problems);
  add_named_entities(read.loaded, problems);
  for (const auto& problem : problems) {
    read.problems.push_back(std::to_string(problem.where.line) + ": " + problem.message);
  }
  return read;
}

}  // namespace provender::definitions::testing

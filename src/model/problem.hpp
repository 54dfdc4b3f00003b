#pragma once

#include <string>
#include <vector>

#include "model/definitions.hpp"

namespace provender {

/// One thing that is wrong in the definitions: where, what was found, what was expected.
struct Problem {
  Location where;
  std::string message;
};

/// All problems as one InvalidArgument: a line each, "file:line: message", in order of file and
/// line, no line twice.
Error to_error(std::vector<Problem> problems);

}  // namespace provender

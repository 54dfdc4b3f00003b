#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/problem.hpp"

/// The parts of `validate`.
namespace provender {

/// Collects what is wrong.
class Problems {
 public:
  void add(const Location& where, std::string message) {
    problems_.push_back({.where = where, .message = std::move(message)});
  }
  std::vector<Problem> all() && { return std::move(problems_); }

 private:
  std::vector<Problem> problems_;
};

/// " (the other is at FILE:LINE)", or "" where that is not known.
std::string first_at(const Location& where);

void check_feature_view(const Definitions& definitions,
                        const FeatureView& view,
                        Problems& problems);
void check_service(const Definitions& definitions,
                   const FeatureService& service,
                   Problems& problems);

}  // namespace provender

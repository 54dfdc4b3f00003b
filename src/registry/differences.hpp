#pragma once

#include <string>
#include <vector>

#include "model/definitions.hpp"

namespace provender::registry {

/// How two versions of one object differ, a line each: "ttl: 7d → 30d".
struct Differences {
  std::vector<std::string> lines;
  std::vector<std::string>
      removed;  ///< features that are gone: of a view by name, of a service as it names them
  std::vector<std::string> retyped;  ///< features of a view
  std::vector<std::string> added;    ///< like removed
  bool is_reordered = false;         ///< the features stand in another order
};

Differences differences(const Entity& before, const Entity& after);
Differences differences(const SqlView& before, const SqlView& after);
Differences differences(const FeatureView& before, const FeatureView& after);
Differences differences(const FeatureService& before, const FeatureService& after);

}  // namespace provender::registry

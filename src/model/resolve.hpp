#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/selection.hpp"

/// The steps of `select`, apart, so that `validate` says of a service what `select` would.
namespace provender {

/// One feature that a request or a service item takes. Points into the definitions.
struct Pick {
  const FeatureView* view;
  const Feature* feature;
  std::string_view alias;                                    ///< empty: none given
  const std::map<std::string, std::string>* role = nullptr;  ///< ServiceItem::keys; null: none
};

struct Resolved {
  std::vector<Pick> picks;
  std::vector<std::string> problems;
  std::size_t missing = 0;  ///< how many of them are names that there are not
};

/// Puts `more` behind what is resolved.
void append(Resolved& resolved, Resolved more);

/// What `view:feature`, `view:*` or a bare name stands for.
Resolved resolve_reference(const Definitions& definitions, std::string_view reference);

/// What an item of a service takes.
Resolved resolve_item(const Definitions& definitions, const ServiceItem& item);

struct Assembled {
  struct Problem {
    std::size_t pick;  ///< index of the later of those that do not go together
    std::string message;
  };
  Selection selection;
  std::vector<Problem> problems;
};

/// Puts picks together: views and roles once each, output names, request keys.
Assembled assemble(const Definitions& definitions, std::span<const Pick> picks, bool full_names);

/// "view:feature", as a reference or a message has it; with an alias "view:feature as alias",
/// in a role without one "view:feature (key = column)".
std::string describe(const Pick& pick);

}  // namespace provender

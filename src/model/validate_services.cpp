// What `validate` says of feature services: what `select` would say of them under full names, and
// features whose short names collide although nobody gave them a role.

#include <map>

#include <fmt/format.h>

#include "model/names.hpp"
#include "model/resolve.hpp"
#include "model/validate_parts.hpp"

namespace provender {
namespace {

/// What a service takes, and the item that each pick is from.
struct ServicePicks {
  std::vector<Pick> picks;
  std::vector<const ServiceItem*> items;
};

void check_short_names(const FeatureService& service,
                       const ServicePicks& taken,
                       Problems& problems) {
  std::map<std::string_view, const Pick*> named;
  for (std::size_t i = 0; i < taken.picks.size(); ++i) {
    const Pick& pick = taken.picks[i];
    if (!pick.alias.empty()) continue;
    const auto [first, is_new] = named.try_emplace(pick.feature->name, &pick);
    if (is_new || first->second->view == pick.view) continue;
    problems.add(
        taken.items[i]->where,
        fmt::format(
            "feature service '{}' has two features named '{}': {} and {}; give one of them an "
            "alias (as)",
            service.name,
            pick.feature->name,
            describe(*first->second),
            describe(pick)));
  }
}

}  // namespace

void check_service(const Definitions& definitions,
                   const FeatureService& service,
                   Problems& problems) {
  if (service.items.empty()) {
    problems.add(
        service.where,
        fmt::format("feature service '{}' has no features: expected at least one", service.name));
  }
  ServicePicks taken;
  for (const ServiceItem& item : service.items) {
    const auto alias_problem = item.alias.empty() ? std::nullopt : problem_with_name(item.alias);
    if (alias_problem) {
      problems.add(
          item.where,
          fmt::format(
              "alias '{}' in feature service '{}' {}", item.alias, service.name, *alias_problem));
    }
    if (item.view.empty() && item.features.empty()) {
      problems.add(
          item.where,
          fmt::format("feature service '{}' has an item without view and features", service.name));
    }
    const Resolved resolved = resolve_item(definitions, item);
    for (const std::string& problem : resolved.problems) {
      problems.add(item.where, fmt::format("feature service '{}': {}", service.name, problem));
    }
    taken.picks.insert(taken.picks.end(), resolved.picks.begin(), resolved.picks.end());
    taken.items.resize(taken.picks.size(), &item);
  }
  const Assembled assembled = assemble(definitions, taken.picks, /*full_names=*/true);
  for (const auto& [pick, message] : assembled.problems) {
    problems.add(taken.items[pick]->where,
                 fmt::format("feature service '{}': {}", service.name, message));
  }
  check_short_names(service, taken, problems);
}

}  // namespace provender

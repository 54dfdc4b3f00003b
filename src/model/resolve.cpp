#include "model/resolve.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "model/names.hpp"
#include "model/reference.hpp"

namespace provender {
namespace {

void note_missing(Resolved& resolved, std::string problem) {
  resolved.problems.push_back(std::move(problem));
  ++resolved.missing;
}

void take_all(const FeatureView& view, Resolved& resolved) {
  for (const Feature& feature : view.features) {
    resolved.picks.push_back({.view = &view, .feature = &feature, .alias = {}});
  }
}

const Feature* find_feature(const FeatureView& view, std::string_view name) {
  const auto found = std::ranges::find(view.features, name, &Feature::name);
  return found == view.features.end() ? nullptr : &*found;
}

void take_one(const FeatureView& view, std::string_view name, Resolved& resolved) {
  if (const Feature* const feature = find_feature(view, name)) {
    resolved.picks.push_back({.view = &view, .feature = feature, .alias = {}});
    return;
  }
  note_missing(resolved,
               fmt::format("feature view '{}' has no feature '{}'{}",
                           view.name,
                           name,
                           did_you_mean(name, names_of(view.features))));
}

void take_bare(const Definitions& definitions, std::string_view name, Resolved& resolved) {
  if (const FeatureView* const view = definitions.feature_view(name)) {
    return take_all(*view, resolved);
  }
  std::vector<std::string> holders;
  std::vector<std::string> candidates;
  for (const FeatureView& view : definitions.feature_views) {
    candidates.push_back(view.name);
    for (const Feature& feature : view.features) {
      candidates.push_back(feature.name);
    }
    if (find_feature(view, name) != nullptr) holders.push_back(view.name);
  }
  if (holders.size() == 1) {
    return take_one(*definitions.feature_view(holders.front()), name, resolved);
  }
  if (holders.empty()) {
    return note_missing(
        resolved,
        fmt::format(
            "there is no feature or feature view '{}'{}", name, did_you_mean(name, candidates)));
  }
  resolved.problems.push_back(
      fmt::format("'{}' is ambiguous: feature views {} have it; write {}:{}",
                  name,
                  join_words(holders),
                  holders.front(),
                  name));
}

const FeatureView* find_view(const Definitions& definitions,
                             std::string_view name,
                             Resolved& resolved) {
  const FeatureView* const view = definitions.feature_view(name);
  if (view == nullptr) {
    note_missing(resolved,
                 fmt::format("there is no feature view '{}'{}",
                             name,
                             did_you_mean(name, names_of(definitions.feature_views))));
  }
  return view;
}

void check_role(const Definitions& definitions,
                const FeatureView& view,
                const ServiceItem& item,
                Resolved& resolved) {
  const auto keys = names_of(join_keys(definitions, view));
  for (const auto& [key, column] : item.keys) {
    if (std::ranges::find(keys, key) == keys.end()) {
      resolved.problems.push_back(
          fmt::format("'{}' is not a join key of feature view '{}'{}; its keys are {}",
                      key,
                      view.name,
                      did_you_mean(key, keys),
                      join_words(keys)));
    }
    if (const auto problem = problem_with_key_name(column)) {
      resolved.problems.push_back(
          fmt::format("the column '{}' for key '{}' {}", column, key, *problem));
    }
  }
}

}  // namespace

void append(Resolved& resolved, Resolved more) {
  std::ranges::move(more.picks, std::back_inserter(resolved.picks));
  std::ranges::move(more.problems, std::back_inserter(resolved.problems));
  resolved.missing += more.missing;
}

Resolved resolve_reference(const Definitions& definitions, std::string_view reference) {
  Resolved resolved;
  const auto colon = reference.find(':');
  if (colon == std::string_view::npos) {
    take_bare(definitions, reference, resolved);
    return resolved;
  }
  const FeatureView* const view = find_view(definitions, reference.substr(0, colon), resolved);
  if (view == nullptr) return resolved;
  const auto feature = reference.substr(colon + 1);
  if (feature == "*") {
    take_all(*view, resolved);
  } else {
    take_one(*view, feature, resolved);
  }
  return resolved;
}

Resolved resolve_item(const Definitions& definitions, const ServiceItem& item) {
  Resolved resolved;
  if (item.view.empty()) {
    for (const std::string& name : item.features) {
      append(resolved, resolve_reference(definitions, name));
    }
  } else if (const FeatureView* const view = find_view(definitions, item.view, resolved)) {
    if (item.features.empty()) take_all(*view, resolved);
    for (const std::string& name : item.features) {
      take_one(*view, name, resolved);
    }
  }
  const FeatureView* checked = nullptr;
  for (Pick& pick : resolved.picks) {
    pick.alias = item.alias;
    pick.role = &item.keys;
    if (pick.view != checked) check_role(definitions, *pick.view, item, resolved);
    checked = pick.view;
  }
  return resolved;
}

std::string describe(const Pick& pick) {
  const std::string name = fmt::format("{}:{}", pick.view->name, pick.feature->name);
  const bool by_keys = pick.alias.empty() && pick.role != nullptr;
  return name + (by_keys ? role_text({}, *pick.role) : role_text(pick.alias, {}));
}

}  // namespace provender

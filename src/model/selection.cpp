#include "model/selection.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.hpp"
#include "model/reference.hpp"
#include "model/resolve.hpp"

namespace provender {
namespace {

/// Puts one selection together, pick by pick.
class Assembler {
 public:
  Assembler(const Definitions& definitions, std::span<const Pick> picks, bool full_names)
      : definitions_(definitions), picks_(picks), full_names_(full_names) {}

  Assembled run() && {
    for (std::size_t i = 0; i < picks_.size(); ++i) {
      add(i);
    }
    for (std::size_t i = 0; i < picks_.size(); ++i) {
      check_against_keys(i);
    }
    return std::move(out_);
  }

 private:
  void add(std::size_t index) {
    const Pick& pick = picks_[index];
    const std::size_t view = view_of(index);
    if (!taken_.insert({view, pick.feature}).second) {
      note(index, fmt::format("feature '{}' is asked for twice", describe(pick)));
    } else {
      check_name(index);
    }
    out_.selection.features.push_back(
        {.view = view, .feature = pick.feature->name, .name = output_name(pick)});
  }

  /// The place of the pick's view in its role, which is made if it is new.
  std::size_t view_of(std::size_t index) {
    const Pick& pick = picks_[index];
    const auto keys = join_keys(definitions_, *pick.view);
    SelectedView selected{
        .view = pick.view->name, .alias = std::string(prefix(pick)), .request_keys = {}};
    for (const JoinKey& key : keys) {
      selected.request_keys.push_back(column_of(pick, key.name));
    }

    auto& views = out_.selection.views;
    const auto [place, is_new] =
        places_.try_emplace({selected.view, selected.alias, selected.request_keys}, views.size());
    if (!is_new) return place->second;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      add_key(index, keys[i], selected.request_keys[i]);
    }
    views.push_back(std::move(selected));
    return place->second;
  }

  void add_key(std::size_t index, const JoinKey& key, const std::string& column) {
    auto& keys = out_.selection.keys;
    const auto [place, is_new] = key_places_.try_emplace(column, keys.size());
    if (is_new) {
      keys.push_back({.name = column, .type = key.type});
      return;
    }
    auto& type = keys[place->second].type;
    if (type && key.type && *type != *key.type) {
      note(index,
           fmt::format("the column '{}' would be both {} and {} (as key '{}' of feature view '{}')",
                       column,
                       to_string(*type),
                       to_string(*key.type),
                       key.name,
                       picks_[index].view->name));
    }
    if (!type) type = key.type;
  }

  void check_name(std::size_t index) {
    const auto [first, is_new] = named_.try_emplace(output_name(picks_[index]), index);
    if (is_new) return;
    note(index,
         fmt::format("two features would be named '{}': {} and {}; {}",
                     first->first,
                     describe(picks_[first->second]),
                     describe(picks_[index]),
                     full_names_ ? "give one of the two another alias (as)"
                                 : "ask for full names (view__feature, or alias__feature)"));
  }

  void check_against_keys(std::size_t index) {
    const std::string name = output_name(picks_[index]);
    if (!key_places_.contains(name)) return;
    note(index,
         fmt::format(
             "feature {} would have the name of the key '{}'; ask for full names (view__feature)",
             describe(picks_[index]),
             name));
  }

  void note(std::size_t index, std::string message) {
    out_.problems.push_back({index, std::move(message)});
  }

  static std::string_view prefix(const Pick& pick) {
    return pick.alias.empty() ? std::string_view(pick.view->name) : pick.alias;
  }
  std::string output_name(const Pick& pick) const {
    return full_names_ ? fmt::format("{}__{}", prefix(pick), pick.feature->name)
                       : pick.feature->name;
  }
  static std::string column_of(const Pick& pick, const std::string& key) {
    if (pick.role == nullptr) return key;
    const auto found = pick.role->find(key);
    return found == pick.role->end() ? key : found->second;
  }

  const Definitions& definitions_;
  std::span<const Pick> picks_;
  bool full_names_;
  Assembled out_;
  std::map<std::tuple<std::string, std::string, std::vector<std::string>>, std::size_t> places_;
  std::map<std::string, std::size_t> key_places_;
  std::map<std::string, std::size_t> named_;
  std::set<std::pair<std::size_t, const Feature*>> taken_;
};

Resolved resolve_service(const Definitions& definitions, std::string_view name) {
  Resolved resolved;
  const FeatureService* const service = definitions.feature_service(name);
  if (service == nullptr) {
    std::vector<std::string> names;
    for (const FeatureService& known : definitions.feature_services) {
      names.push_back(known.name);
    }
    resolved.problems.push_back(
        fmt::format("there is no feature service '{}'{}", name, did_you_mean(name, names)));
    resolved.missing = 1;
    return resolved;
  }
  for (const ServiceItem& item : service->items) {
    append(resolved, resolve_item(definitions, item));
  }
  return resolved;
}

/// What a request asks for, feature by feature: as if each was an item of a service.
class AskedFeatures {
 public:
  explicit AskedFeatures(std::span<const std::string> features) {
    for (const std::string& reference : features) {
      auto item = parse_reference(reference);
      if (item) {
        items_.push_back(*std::move(item));
      } else {
        problems_.emplace_back(item.error().message());
      }
    }
  }

  /// Points into this object, for the roles.
  Resolved resolve(const Definitions& definitions) const {
    Resolved resolved;
    resolved.problems = problems_;
    for (const ServiceItem& item : items_) {
      append(resolved, resolve_item(definitions, item));
    }
    return resolved;
  }

 private:
  std::vector<ServiceItem> items_;
  std::vector<std::string> problems_;
};

Error refusal(ErrorCode code, std::span<const std::string> problems) {
  return {code, fmt::format("{}", fmt::join(problems, "; "))};
}

}  // namespace

Assembled assemble(const Definitions& definitions, std::span<const Pick> picks, bool full_names) {
  return Assembler(definitions, picks, full_names).run();
}

Result<Selection> select(const Definitions& definitions, const SelectionRequest& request) {
  if (request.features.empty() == request.service.empty()) {
    return Error(ErrorCode::InvalidArgument,
                 "ask either for features or for a feature service: exactly one of the two");
  }
  const AskedFeatures asked(request.features);
  const Resolved resolved = request.service.empty() ? asked.resolve(definitions)
                                                    : resolve_service(definitions, request.service);
  if (!resolved.problems.empty()) {
    const bool only_missing = resolved.missing == resolved.problems.size();
    return refusal(only_missing ? ErrorCode::NotFound : ErrorCode::InvalidArgument,
                   resolved.problems);
  }
  Assembled assembled = assemble(definitions, resolved.picks, request.full_names);
  if (assembled.problems.empty()) return std::move(assembled.selection);
  std::vector<std::string> problems;
  for (auto& problem : assembled.problems) {
    problems.push_back(std::move(problem.message));
  }
  return refusal(ErrorCode::InvalidArgument, problems);
}

std::size_t place_in(const FeatureView& view, const SelectedFeature& feature) {
  const auto found = std::ranges::find(view.features, feature.feature, &Feature::name);
  return static_cast<std::size_t>(found - view.features.begin());
}

}  // namespace provender

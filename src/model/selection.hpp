#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/definitions.hpp"

namespace provender {

/// One view's part of a request: the same view may stand in several roles.
struct SelectedView {
  std::string view;
  std::string alias;  ///< the view's name, or the service's alias for this role
  std::vector<std::string>
      request_keys;  ///< per join key of the view (canonical order): the request's column
};

/// One column of the answer.
struct SelectedFeature {
  std::size_t view;     ///< index into Selection::views
  std::string feature;  ///< name in the view
  std::string name;     ///< output name
};

/// A column that the request must bring.
struct RequestKey {
  std::string name;
  std::optional<Type> type;
};

/// A request for features, resolved against definitions: the one rule for offline, online, CLI and
/// Python.
struct Selection {
  std::vector<SelectedView> views;        ///< in order of first use
  std::vector<SelectedFeature> features;  ///< in the order asked
  std::vector<RequestKey> keys;           ///< in order of first use
};

struct SelectionRequest {
  std::span<const std::string> features;  ///< `view:feature`, a bare feature name, or `view:*`
  std::string_view service;  ///< a service in place of features; exactly one of the two is given
  bool full_names = false;   ///< output names are `view__feature`
};

/// Resolves names. `view:feature`; a bare name means the view of that name, else the only view that
/// has it. InvalidArgument names an unknown or ambiguous reference (with the nearest), a feature
/// asked twice, output names that collide with each other or with a request key, a role that maps
/// two keys of one view to one column wrongly typed.
Result<Selection> select(const Definitions& definitions, const SelectionRequest& request);

}  // namespace provender

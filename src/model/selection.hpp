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
  /// `view:feature`, `view:*` or a bare name, each in a role or not (model/reference.hpp).
  std::span<const std::string> features;
  std::string_view service;  ///< a service in place of features; exactly one of the two is given
  bool full_names = false;   ///< output names are `view__feature`
};

/// Resolves names: `view:feature`; `view:*` or the bare name of a view means all of its features;
/// another bare name means the feature of that name in the only view that has one. NotFound names
/// all that is unknown (with the nearest); InvalidArgument, what is ambiguous, a feature asked for
/// twice, a role that is written wrong or of keys that its view does not have, output names that
/// collide with each other or with a request key, and a column that keys of two types are mapped
/// to.
Result<Selection> select(const Definitions& definitions, const SelectionRequest& request);

/// Where a selected feature stands among those of its view.
std::size_t place_in(const FeatureView& view, const SelectedFeature& feature);

}  // namespace provender

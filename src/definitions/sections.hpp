#pragma once

#include <set>
#include <string>
#include <vector>

#include "definitions/yaml/map_reader.hpp"
#include "model/definitions.hpp"

/// The parts of a definitions file. What cannot be read is reported and stands in the result as far
/// as it goes, under its name, so that references to it are not reported as well.
namespace provender::definitions {

/// An entity named by a view, at its place.
struct EntityReference {
  std::string name;
  Location where;
};

/// What has been read so far, of all files.
struct Loaded {
  Definitions definitions;
  std::vector<EntityReference> entity_references;
  /// Feature views whose entities or features could not be read: what refers to them cannot be
  /// judged.
  std::set<std::string> unread_views;
  /// False once whole sections or files could not be read: no reference can be judged then.
  bool has_all_names = true;
};

/// Top-level `entities`, `features` (short form), `feature_views`, `feature_services`.
void read_entities(const yaml::Reader& reader, const yaml::Field& section, Loaded& into);
void read_short_features(const yaml::Reader& reader, const yaml::Field& section, Loaded& into);
void read_feature_views(const yaml::Reader& reader, const yaml::Field& section, Loaded& into);
void read_feature_services(const yaml::Reader& reader, const yaml::Field& section, Loaded& into);

/// A feature view's `source`: a path, or a map.
std::optional<Source> read_source(const yaml::Reader& reader, const yaml::Field& field);

/// `description`, `owner` and `tags` of anything declared.
Annotations read_annotations(yaml::MapReader& map);

}  // namespace provender::definitions

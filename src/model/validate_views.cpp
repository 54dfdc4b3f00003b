// What `validate` says of feature views and their sources.

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "model/names.hpp"
#include "model/validate_parts.hpp"

namespace provender {
namespace {

/// The place of a part, or of the view where the part has none of its own.
const Location& place(const Location& part, const FeatureView& view) {
  return part.file.empty() ? view.where : part;
}

void check_entities(const Definitions& definitions, const FeatureView& view, Problems& problems) {
  if (view.entities.empty()) {
    problems.add(
        view.where,
        fmt::format("feature view '{}' has no entities: expected at least one", view.name));
  }
  std::vector<std::string_view> seen;
  for (const std::string& name : view.entities) {
    if (definitions.entity(name) == nullptr) {
      problems.add(view.where,
                   fmt::format("feature view '{}' is of entity '{}', which is not declared{}",
                               view.name,
                               name,
                               did_you_mean(name, names_of(definitions.entities))));
    }
    if (std::ranges::find(seen, name) != seen.end()) {
      problems.add(view.where,
                   fmt::format("feature view '{}' names entity '{}' twice", view.name, name));
    }
    seen.push_back(name);
  }
}

void check_feature(const FeatureView& view,
                   const Feature& feature,
                   const std::vector<std::string>& keys,
                   Problems& problems) {
  const Location& where = place(feature.where, view);
  const auto clashes = [&](std::string_view with) {
    problems.add(
        where,
        fmt::format(
            "feature '{}' of feature view '{}' has the name of {}", feature.name, view.name, with));
  };
  const auto problem = problem_with_name(feature.name);
  if (problem && feature.name != view.name) {  // of the short form it is said of the view
    problems.add(
        where,
        fmt::format("feature '{}' of feature view '{}' {}", feature.name, view.name, *problem));
  }
  if (std::ranges::find(keys, feature.name) != keys.end()) clashes("a join key of the view");
  if (feature.name == view.source.event_timestamp) clashes("the event timestamp column");
  if (feature.name == view.source.created_timestamp) clashes("the created timestamp column");
}

void check_features(const FeatureView& view,
                    const std::vector<std::string>& keys,
                    Problems& problems) {
  if (view.features.empty()) {
    problems.add(
        view.where,
        fmt::format("feature view '{}' has no features: expected at least one", view.name));
  }
  std::vector<std::string_view> seen;
  for (const Feature& feature : view.features) {
    check_feature(view, feature, keys, problems);
    if (std::ranges::find(seen, feature.name) != seen.end()) {
      problems.add(
          place(feature.where, view),
          fmt::format(
              "feature '{}' is declared twice in feature view '{}'", feature.name, view.name));
    }
    seen.push_back(feature.name);
  }
}

void check_columns(const FeatureView& view,
                   const std::vector<std::string>& keys,
                   Problems& problems) {
  auto known = names_of(view.features);
  known.insert(known.end(), keys.begin(), keys.end());
  for (const auto& [name, column] : view.source.columns) {
    if (std::ranges::find(known, name) == known.end()) {
      problems.add(
          place(view.source.where, view),
          fmt::format("source of feature view '{}' gives a column for '{}', which is neither a "
                      "feature nor a join key{}",
                      view.name,
                      name,
                      did_you_mean(name, known)));
    }
    if (column.empty()) {
      problems.add(
          place(view.source.where, view),
          fmt::format(
              "source of feature view '{}' gives '{}' a column without a name", view.name, name));
    }
  }
}

void check_source(const Definitions& definitions, const FeatureView& view, Problems& problems) {
  const Source& source = view.source;
  const Location& where = place(source.where, view);
  const bool is_file = source.kind == Source::Kind::Parquet || source.kind == Source::Kind::Csv;
  if (source.text.empty()) {
    problems.add(
        where,
        fmt::format("feature view '{}' has no source: expected a path, a SELECT or a SQL view",
                    view.name));
  } else if (source.kind == Source::Kind::View && definitions.sql_view(source.text) == nullptr) {
    problems.add(
        where,
        fmt::format("source of feature view '{}' is SQL view '{}', which is not declared{}",
                    view.name,
                    source.text,
                    did_you_mean(source.text, names_of(definitions.sql_views))));
  }
  if (source.event_timestamp.empty() || source.created_timestamp == "") {
    problems.add(where,
                 fmt::format("source of feature view '{}' has a timestamp column without a name",
                             view.name));
  }
  if (source.created_timestamp == source.event_timestamp) {
    problems.add(
        where,
        fmt::format("source of feature view '{}' has '{}' as event and as created timestamp: leave "
                    "the latter out",
                    view.name,
                    source.event_timestamp));
  }
  if (source.hive && !is_file) {
    problems.add(where,
                 fmt::format("source of feature view '{}' is SQL: hive is for files", view.name));
  }
}

}  // namespace

void check_feature_view(const Definitions& definitions,
                        const FeatureView& view,
                        Problems& problems) {
  const auto keys = names_of(join_keys(definitions, view));
  check_entities(definitions, view, problems);
  check_features(view, keys, problems);
  check_source(definitions, view, problems);
  const bool keys_are_known = std::ranges::all_of(
      view.entities, [&](const std::string& name) { return definitions.entity(name) != nullptr; });
  if (keys_are_known) check_columns(view, keys, problems);
}

}  // namespace provender

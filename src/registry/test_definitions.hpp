#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "model/definitions.hpp"
#include "registry/snapshot.hpp"

/// Definitions for the tests of this module.
namespace provender::registry {

inline constexpr Type kInt32{.kind = Kind::Int32};
inline constexpr Type kInt64{.kind = Kind::Int64};
inline constexpr Type kFloat64{.kind = Kind::Float64};
inline constexpr Type kString{.kind = Kind::String};

inline Entity entity(const std::string& name, Type type) {
  return {.name = name, .keys = {{.name = name, .type = type}}, .about = {}, .where = {}};
}

inline FeatureView view(const std::string& name,
                        std::vector<std::string> entities,
                        const std::vector<std::pair<std::string, Type>>& features) {
  FeatureView result{.name = name, .entities = std::move(entities)};
  result.source.text = "data/" + name + ".parquet";
  for (const auto& [feature, type] : features) {
    result.features.push_back({.name = feature, .type = type, .about = {}, .where = {}});
  }
  return result;
}

/// Two entities; a view of one, a view of both, and a service.
inline Definitions streaming() {
  FeatureService service{.name = "recommender"};
  service.items = {{.view = "activity", .features = {"ratings"}}};
  return {
      .project = "streaming",
      .entities = {entity("movie_id", kInt64), entity("user_id", kString)},
      .sql_views = {},
      .feature_views = {view("activity", {"user_id"}, {{"ratings", kInt64}, {"mean", kFloat64}}),
                        view("affinity", {"user_id", "movie_id"}, {{"score", kFloat64}})},
      .feature_services = {std::move(service)}};
}

/// `count` views of ten features each over one entity.
inline Definitions many_views(int count) {
  Definitions definitions{.project = "many", .entities = {entity("user_id", kInt64)}};
  for (int i = 0; i < count; ++i) {
    auto name = std::to_string(1000 + i);
    name.insert(0, "view_");
    std::vector<std::pair<std::string, Type>> features;
    features.reserve(10);
    for (int f = 0; f < 10; ++f) {
      features.emplace_back("f" + std::to_string(f) + "_" + name, kFloat64);
    }
    definitions.feature_views.push_back(view(name, {"user_id"}, features));
  }
  return definitions;
}

}  // namespace provender::registry

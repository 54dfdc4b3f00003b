#pragma once

#include <string>

#include "model/definitions.hpp"

/// For tests only: definitions of one entity.
namespace provender::offline {

inline Definitions user_definitions(Type key = {.kind = Kind::Int64}) {
  Definitions out{.project = "test"};
  out.entities.push_back({.name = "user_id", .keys = {{.name = "user_id", .type = key}}});
  return out;
}

inline Source parquet(std::string path) {
  return {.kind = Source::Kind::Parquet, .text = std::move(path)};
}
inline Source csv(std::string path) {
  return {.kind = Source::Kind::Csv, .text = std::move(path)};
}
inline Source select(std::string sql) {
  return {.kind = Source::Kind::Sql, .text = std::move(sql)};
}

/// Adds a view of the entity with one feature, and returns it.
inline FeatureView& add_view(Definitions& definitions,
                             std::string name,
                             Source source,
                             std::string feature,
                             Type type = {.kind = Kind::Int64}) {
  FeatureView view{.name = std::move(name), .entities = {"user_id"}, .source = std::move(source)};
  view.features.push_back({.name = std::move(feature), .type = type});
  definitions.feature_views.push_back(std::move(view));
  return definitions.feature_views.back();
}

}  // namespace provender::offline

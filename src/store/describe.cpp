#include "store/describe.hpp"

#include <fmt/format.h>

namespace provender::store {
namespace {

std::vector<PreparedRead::Key> keys_of(std::span<const JoinKey> keys) {
  std::vector<PreparedRead::Key> result;
  for (const JoinKey& key : keys) {
    // Every key type is resolved before definitions are applied.
    result.push_back({.name = key.name, .type = key.type.value_or(Type{.kind = Kind::String})});
  }
  return result;
}

std::string source_text(const Source& source) {
  switch (source.kind) {
    case Source::Kind::Parquet:
    case Source::Kind::Csv:
      return source.text;
    case Source::Kind::Sql:
      return "sql: " + source.text;
    case Source::Kind::View:
      return "view: " + source.text;
  }
  return source.text;
}

ViewInfo describe_view(const Definitions& definitions, const FeatureView& view) {
  ViewInfo info{.name = view.name,
                .entities = view.entities,
                .keys = keys_of(join_keys(definitions, view)),
                .source = source_text(view.source),
                .event_timestamp = view.source.event_timestamp,
                .created_timestamp = view.source.created_timestamp.value_or(""),
                .cadence = format_cadence(view.cadence),
                .ttl = view.ttl,
                .features = {},
                .description = view.about.description,
                .owner = view.about.owner,
                .tags = view.about.tags};
  for (const Feature& feature : view.features) {
    info.features.push_back({.name = feature.name, .view = view.name, .type = feature.type});
  }
  return info;
}

ServiceInfo describe_service(const FeatureService& service) {
  ServiceInfo info{.name = service.name,
                   .features = {},
                   .description = service.about.description,
                   .owner = service.about.owner,
                   .tags = service.about.tags};
  for (const ServiceItem& item : service.items) {
    const std::string prefix = item.alias.empty() ? "" : item.alias + "=";
    const std::string view = item.view.empty() ? "" : item.view + ":";
    if (item.features.empty()) info.features.push_back(prefix + view + "*");
    for (const std::string& feature : item.features) {
      info.features.push_back(fmt::format("{}{}{}", prefix, view, feature));
    }
  }
  return info;
}

}  // namespace

std::vector<FeatureInfo> describe_features(const Definitions& definitions) {
  std::vector<FeatureInfo> result;
  for (const FeatureView& view : definitions.feature_views) {
    for (const Feature& feature : view.features) {
      result.push_back(
          {.name = feature.name,
           .view = view.name,
           .entities = view.entities,
           .keys = keys_of(join_keys(definitions, view)),
           .type = feature.type,
           .source = source_text(view.source),
           .cadence = format_cadence(view.cadence),
           .ttl = view.ttl,
           .description = feature.about.description.empty() ? view.about.description
                                                            : feature.about.description,
           .owner = feature.about.owner.empty() ? view.about.owner : feature.about.owner,
           .tags = feature.about.tags});
      result.back().tags.insert(view.about.tags.begin(), view.about.tags.end());
    }
  }
  return result;
}

Catalog describe(const registry::Snapshot& snapshot) {
  const Definitions& definitions = snapshot.definitions;
  Catalog catalog{.version = snapshot.version, .entities = {}, .views = {}, .services = {}};
  for (const Entity& entity : definitions.entities) {
    catalog.entities.push_back({.name = entity.name,
                                .keys = keys_of(entity.keys),
                                .description = entity.about.description,
                                .owner = entity.about.owner,
                                .tags = entity.about.tags});
  }
  for (const FeatureView& view : definitions.feature_views) {
    catalog.views.push_back(describe_view(definitions, view));
  }
  for (const FeatureService& service : definitions.feature_services) {
    catalog.services.push_back(describe_service(service));
  }
  return catalog;
}

}  // namespace provender::store

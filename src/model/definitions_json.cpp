// Writing; definitions_from_json.cpp reads. Members are in order of their names, and one that has
// its default is left out, so that equal definitions are equal text.

#include "model/definitions_json.hpp"

#include "base/json/writer.hpp"
#include "model/definitions_names.hpp"

namespace provender {
namespace {

using json::Writer;

void write_text(Writer& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out.key(name);
  out.string(text);
}

void write_texts(Writer& out, std::string_view name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  out.key(name);
  out.begin_array();
  for (const std::string& text : texts) {
    out.string(text);
  }
  out.end_array();
}

void write_map(Writer& out, std::string_view name, const std::map<std::string, std::string>& map) {
  if (map.empty()) return;
  out.key(name);
  out.begin_object();
  for (const auto& [key, text] : map) {
    out.key(key);
    out.string(text);
  }
  out.end_object();
}

/// An array of objects, whose members `write_members` writes.
template <class T, class F>
void write_objects(Writer& out,
                   std::string_view name,
                   const std::vector<T>& objects,
                   F&& write_members) {
  if (objects.empty()) return;
  out.key(name);
  out.begin_array();
  for (const T& object : objects) {
    out.begin_object();
    write_members(out, object);
    out.end_object();
  }
  out.end_array();
}

void write_key(Writer& out, const JoinKey& key) {
  write_text(out, "name", key.name);
  if (key.type) write_text(out, "type", to_string(*key.type));
}

void write_entity(Writer& out, const Entity& entity) {
  write_text(out, "description", entity.about.description);
  write_objects(out, "keys", entity.keys, write_key);
  write_text(out, "name", entity.name);
  write_text(out, "owner", entity.about.owner);
  write_map(out, "tags", entity.about.tags);
}

void write_sql_view(Writer& out, const SqlView& view) {
  write_text(out, "name", view.name);
  write_text(out, "sql", view.sql);
}

void write_source(Writer& out, const Source& source) {
  out.key("source");
  out.begin_object();
  write_map(out, "columns", source.columns);
  write_text(out, "created_timestamp", source.created_timestamp.value_or(""));
  write_text(out, "event_timestamp", source.event_timestamp);
  if (source.hive) {
    out.key("hive");
    out.boolean(source.hive);
  }
  write_text(out, "kind", name_of(source.kind));
  write_text(out, "text", source.text);
  if (source.timestamp_unit) write_text(out, "timestamp_unit", name_of(*source.timestamp_unit));
  out.end_object();
}

void write_feature(Writer& out, const Feature& feature) {
  write_text(out, "description", feature.about.description);
  write_text(out, "name", feature.name);
  write_text(out, "owner", feature.about.owner);
  write_map(out, "tags", feature.about.tags);
  write_text(out, "type", to_string(feature.type));
}

void write_feature_view(Writer& out, const FeatureView& view) {
  if (view.cadence != Cadence{}) write_text(out, "cadence", format_cadence(view.cadence));
  write_text(out, "description", view.about.description);
  write_texts(out, "entities", view.entities);
  write_objects(out, "features", view.features, write_feature);
  write_text(out, "name", view.name);
  write_text(out, "owner", view.about.owner);
  write_source(out, view.source);
  write_map(out, "tags", view.about.tags);
  if (view.ttl) write_text(out, "ttl", format_duration(*view.ttl));
}

void write_item(Writer& out, const ServiceItem& item) {
  write_text(out, "alias", item.alias);
  write_texts(out, "features", item.features);
  write_map(out, "keys", item.keys);
  write_text(out, "view", item.view);
}

void write_service(Writer& out, const FeatureService& service) {
  write_text(out, "description", service.about.description);
  write_objects(out, "items", service.items, write_item);
  write_text(out, "name", service.name);
  write_text(out, "owner", service.about.owner);
  write_map(out, "tags", service.about.tags);
}

}  // namespace

std::string to_json(const Definitions& definitions) {
  std::string text;
  Writer out(text);
  out.begin_object();
  write_objects(out, "entities", definitions.entities, write_entity);
  write_objects(out, "feature_services", definitions.feature_services, write_service);
  write_objects(out, "feature_views", definitions.feature_views, write_feature_view);
  out.key("format");
  out.integer(kDefinitionsFormat);
  write_text(out, "project", definitions.project);
  write_objects(out, "sql_views", definitions.sql_views, write_sql_view);
  out.end_object();
  return text;
}

}  // namespace provender

#include "cli/catalog_output.hpp"

#include <fmt/format.h>

#include "cli/freshness.hpp"
#include "cli/json_fields.hpp"

namespace provender::cli {
namespace {

void write_keys(json::Writer& writer, std::span<const PreparedRead::Key> keys) {
  writer.key("keys");
  writer.begin_array();
  for (const PreparedRead::Key& key : keys) {
    writer.begin_object();
    field(writer, "name", std::string_view(key.name));
    field(writer, "type", std::string_view(to_string(key.type)));
    writer.end_object();
  }
  writer.end_array();
}

void write_ttl(json::Writer& writer, const std::optional<Duration>& ttl) {
  writer.key("ttl");
  if (ttl) {
    writer.string(format_duration(*ttl));
  } else {
    writer.null();
  }
}

/// How up to date the values of a view are online.
void write_freshness(json::Writer& writer, const ViewStatus* status) {
  writer.key("freshness");
  if (status == nullptr) return writer.null();
  writer.string(to_string(status->freshness));
}

/// What every kind of thing may carry.
void write_about(json::Writer& writer, const auto& thing) {
  field(writer, "description", std::string_view(thing.description));
  field(writer, "owner", std::string_view(thing.owner));
  field(writer, "tags", thing.tags);
}

}  // namespace

std::string keys_text(std::span<const PreparedRead::Key> keys) {
  std::string text;
  for (const PreparedRead::Key& key : keys) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key.name, to_string(key.type));
  }
  return text;
}

std::string ttl_text(const std::optional<Duration>& ttl) {
  return ttl ? format_duration(*ttl) : "unlimited";
}

std::string source_text(std::string_view source) {
  std::string text;
  for (const char c : source) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.ends_with(' ')) text.pop_back();
  return text;
}

void write_feature(json::Writer& writer,
                   const FeatureInfo& feature,
                   std::span<const ViewStatus> status) {
  field(writer, "name", std::string_view(feature.name));
  field(writer, "view", std::string_view(feature.view));
  field(writer, "entities", feature.entities);
  write_keys(writer, feature.keys);
  field(writer, "type", std::string_view(to_string(feature.type)));
  field(writer, "source", std::string_view(feature.source));
  field(writer, "cadence", std::string_view(feature.cadence));
  write_ttl(writer, feature.ttl);
  write_freshness(writer, status_of(feature.view, status));
  write_about(writer, feature);
}

void write_entity(json::Writer& writer, const EntityInfo& entity) {
  field(writer, "name", std::string_view(entity.name));
  write_keys(writer, entity.keys);
  write_about(writer, entity);
}

void write_view(json::Writer& writer, const ViewInfo& view, std::span<const ViewStatus> status) {
  field(writer, "name", std::string_view(view.name));
  field(writer, "entities", view.entities);
  write_keys(writer, view.keys);
  field(writer, "source", std::string_view(view.source));
  field(writer, "event_timestamp", std::string_view(view.event_timestamp));
  field(writer, "created_timestamp", std::string_view(view.created_timestamp));
  field(writer, "cadence", std::string_view(view.cadence));
  write_ttl(writer, view.ttl);
  writer.key("features");
  writer.begin_array();
  for (const PreparedRead::Feature& feature : view.features) {
    writer.begin_object();
    field(writer, "name", std::string_view(feature.name));
    field(writer, "type", std::string_view(to_string(feature.type)));
    writer.end_object();
  }
  writer.end_array();
  write_freshness(writer, status_of(view.name, status));
  write_about(writer, view);
}

void write_service(json::Writer& writer, const ServiceInfo& service) {
  field(writer, "name", std::string_view(service.name));
  field(writer, "features", service.features);
  write_about(writer, service);
}

}  // namespace provender::cli

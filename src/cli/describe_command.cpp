#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "cli/catalog_output.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/freshness.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"

namespace provender::cli {
namespace {

/// Everything that has the asked name.
struct Matches {
  std::vector<EntityInfo> entities;
  std::vector<ViewInfo> views;
  std::vector<FeatureInfo> features;
  std::vector<ServiceInfo> services;

  bool empty() const {
    return entities.empty() && views.empty() && features.empty() && services.empty();
  }
};

template <class T>
std::vector<T> named(const std::vector<T>& things, std::string_view name) {
  std::vector<T> found;
  std::ranges::copy_if(
      things, std::back_inserter(found), [&](const T& thing) { return thing.name == name; });
  return found;
}

std::vector<FeatureInfo> features_named(const std::vector<FeatureInfo>& features,
                                        std::string_view name) {
  std::vector<FeatureInfo> found;
  std::ranges::copy_if(features, std::back_inserter(found), [&](const FeatureInfo& feature) {
    return feature.name == name || fmt::format("{}:{}", feature.view, feature.name) == name;
  });
  return found;
}

Error unknown(std::string_view name,
              const Catalog& catalog,
              std::span<const FeatureInfo> features) {
  std::vector<std::string> names;
  for (const auto& entity : catalog.entities) {
    names.push_back(entity.name);
  }
  for (const auto& view : catalog.views) {
    names.push_back(view.name);
  }
  for (const auto& service : catalog.services) {
    names.push_back(service.name);
  }
  for (const auto& feature : features) {
    names.push_back(feature.name);
  }
  return Error(ErrorCode::NotFound,
               fmt::format("no feature, feature view, feature service or entity is called '{}'{}",
                           name,
                           did_you_mean(name, names)));
}

/// A thing as lines of name and value; what is empty is left out.
class Sheet {
 public:
  explicit Sheet(std::string_view kind, const std::string& name)
      : table_({{""}, {.title = "", .elastic = true}}) {
    line(kind, {name, Style::Bold});
  }
  void line(std::string_view name, TableCell value) {
    if (!value.text.empty()) table_.add({std::string(name), std::move(value)});
  }
  void about(const auto& thing) {
    line("description", thing.description);
    line("owner", thing.owner);
    for (const auto& [key, value] : thing.tags) {
      line("tag", fmt::format("{}: {}", key, value));
    }
  }
  std::string render(const Terminal& terminal) const { return table_.render(terminal); }

 private:
  Table table_;
};

Sheet sheet_of(const EntityInfo& entity) {
  Sheet sheet("entity", entity.name);
  sheet.line("keys", keys_text(entity.keys));
  sheet.about(entity);
  return sheet;
}

Sheet sheet_of(const ViewInfo& view, const ViewStatus* status) {
  Sheet sheet("feature view", view.name);
  sheet.line("entities", join_words(view.entities));
  sheet.line("keys", keys_text(view.keys));
  sheet.line("source", source_text(view.source));
  sheet.line("event timestamp", view.event_timestamp);
  sheet.line("created timestamp", view.created_timestamp);
  sheet.line("ttl", ttl_text(view.ttl));
  sheet.line("cadence", view.cadence);
  for (const PreparedRead::Feature& feature : view.features) {
    sheet.line("feature", fmt::format("{} {}", feature.name, to_string(feature.type)));
  }
  if (status != nullptr) {
    sheet.line("freshness", freshness_cell(status->freshness));
    sheet.line("materialized to", time_text(status->last_end));
    sheet.line("watermark", time_text(status->watermark));
    sheet.line("rows", grouped(status->rows));
  }
  sheet.about(view);
  return sheet;
}

Sheet sheet_of(const FeatureInfo& feature, const ViewStatus* status) {
  Sheet sheet("feature", feature.name);
  sheet.line("feature view", feature.view);
  sheet.line("entities", join_words(feature.entities));
  sheet.line("keys", keys_text(feature.keys));
  sheet.line("type", to_string(feature.type));
  sheet.line("source", source_text(feature.source));
  sheet.line("ttl", ttl_text(feature.ttl));
  sheet.line("cadence", feature.cadence);
  if (status != nullptr) sheet.line("freshness", freshness_cell(status->freshness));
  sheet.about(feature);
  return sheet;
}

Sheet sheet_of(const ServiceInfo& service) {
  Sheet sheet("feature service", service.name);
  for (const std::string& feature : service.features) {
    sheet.line("feature", feature);
  }
  sheet.about(service);
  return sheet;
}

/// Whether the sheet of its view says all about a feature, as it does for one in the short form.
bool is_told(const FeatureInfo& feature, const std::vector<ViewInfo>& views) {
  const auto view = std::ranges::find(views, feature.view, &ViewInfo::name);
  return view != views.end() && view->features.size() == 1 &&
         (feature.description.empty() || feature.description == view->description) &&
         feature.tags == view->tags;
}

void out_sheets(const Matches& matches, const std::vector<ViewStatus>& status, Session& session) {
  std::vector<Sheet> sheets;
  for (const auto& entity : matches.entities) {
    sheets.push_back(sheet_of(entity));
  }
  for (const auto& view : matches.views) {
    sheets.push_back(sheet_of(view, status_of(view.name, status)));
  }
  for (const auto& feature : matches.features) {
    if (is_told(feature, matches.views)) continue;
    sheets.push_back(sheet_of(feature, status_of(feature.view, status)));
  }
  for (const auto& service : matches.services) {
    sheets.push_back(sheet_of(service));
  }

  std::string text;
  for (const Sheet& sheet : sheets) {
    if (!text.empty()) text += '\n';
    text += sheet.render(session.console().out_terminal());
  }
  session.console().out(text);
}

void write_all(json::Writer& writer, std::string_view name, const auto& things, auto write) {
  writer.key(name);
  writer.begin_array();
  for (const auto& thing : things) {
    writer.begin_object();
    write(writer, thing);
    writer.end_object();
  }
  writer.end_array();
}

void out_json(const Matches& matches, const std::vector<ViewStatus>& status, Session& session) {
  const auto with_status = [&](auto write) {
    return
        [&status, write](json::Writer& writer, const auto& thing) { write(writer, thing, status); };
  };
  session.out_json([&](json::Writer& writer) {
    write_all(writer, "entities", matches.entities, write_entity);
    write_all(writer, "feature_views", matches.views, with_status(write_view));
    write_all(writer, "features", matches.features, with_status(write_feature));
    write_all(writer, "feature_services", matches.services, write_service);
  });
}

}  // namespace

Result<int> execute(const DescribeCommand& command, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_to_read());
  PROVENDER_ASSIGN(const Catalog catalog, store->catalog());
  PROVENDER_ASSIGN(const std::vector<FeatureInfo> features, store->features());
  const Matches matches{.entities = named(catalog.entities, command.name),
                        .views = named(catalog.views, command.name),
                        .features = features_named(features, command.name),
                        .services = named(catalog.services, command.name)};
  if (matches.empty()) return unknown(command.name, catalog, features);

  PROVENDER_ASSIGN(const std::vector<ViewStatus> status, store->status());
  if (session.json()) {
    out_json(matches, status, session);
  } else {
    out_sheets(matches, status, session);
  }
  return kExitOk;
}

}  // namespace provender::cli

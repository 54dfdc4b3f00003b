#include <map>

#include "base/try.hpp"
#include "cli/catalog_output.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/freshness.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"

namespace provender::cli {
namespace {

using FreshnessOfView = std::map<std::string, ViewStatus::Freshness>;

std::string key_names(const FeatureInfo& feature) {
  std::string text;
  for (const PreparedRead::Key& key : feature.keys) {
    text += (text.empty() ? "" : ", ") + key.name;
  }
  return text;
}

void out_table(const std::vector<FeatureInfo>& features,
               const FreshnessOfView& freshness,
               Session& session) {
  Table table({{"FEATURE"},
               {"VIEW"},
               {"KEYS"},
               {"TYPE"},
               {.title = "SOURCE", .elastic = true},
               {"CADENCE"},
               {"FRESHNESS"}});
  for (const FeatureInfo& feature : features) {
    const auto found = freshness.find(feature.view);
    table.add({feature.name,
               feature.view,
               key_names(feature),
               to_string(feature.type),
               source_text(feature.source),
               feature.cadence,
               found == freshness.end() ? TableCell("-") : freshness_cell(found->second)});
  }
  session.console().out(table.render(session.console().out_terminal()));
}

void out_json(const std::vector<FeatureInfo>& features,
              const FreshnessOfView& freshness,
              Session& session) {
  session.out_json([&](json::Writer& writer) {
    writer.key("features");
    writer.begin_array();
    for (const FeatureInfo& feature : features) {
      writer.begin_object();
      write_feature(writer, feature);
      if (const auto found = freshness.find(feature.view); found != freshness.end()) {
        field(writer, "freshness", to_string(found->second));
      }
      writer.end_object();
    }
    writer.end_array();
  });
}

}  // namespace

Result<int> execute(const FeaturesCommand& /*command*/, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_store());
  PROVENDER_ASSIGN(const std::vector<FeatureInfo> features, store->features());
  PROVENDER_ASSIGN(const std::vector<ViewStatus> status, store->status());
  FreshnessOfView freshness;
  for (const ViewStatus& view : status) {
    freshness.emplace(view.view, view.freshness);
  }

  if (session.json()) {
    out_json(features, freshness, session);
  } else if (features.empty()) {
    session.note("no features are registered; see 'provender plan'");
  } else {
    out_table(features, freshness, session);
  }
  return kExitOk;
}

}  // namespace provender::cli

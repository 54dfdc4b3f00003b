#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/catalog_output.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/freshness.hpp"
#include "cli/json_fields.hpp"
#include "cli/table.hpp"

namespace provender::cli {
namespace {

void out_table(const std::vector<FeatureInfo>& features,
               const std::vector<ViewStatus>& status,
               Session& session) {
  Table table({{"FEATURE"},
               {"VIEW"},
               {"ENTITY"},
               {"TYPE"},
               {.title = "SOURCE", .elastic = true},
               {"CADENCE"},
               {"FRESHNESS"}});
  for (const FeatureInfo& feature : features) {
    const ViewStatus* const found = status_of(feature.view, status);
    table.add({feature.name,
               feature.view,
               fmt::format("{}", fmt::join(feature.entities, ", ")),
               to_string(feature.type),
               source_text(feature.source),
               feature.cadence,
               found == nullptr ? TableCell("-") : freshness_cell(found->freshness)});
  }
  session.console().out(table.render(session.console().out_terminal()));
}

void out_json(const std::vector<FeatureInfo>& features,
              const std::vector<ViewStatus>& status,
              Session& session) {
  session.out_json([&](json::Writer& writer) {
    writer.key("features");
    writer.begin_array();
    for (const FeatureInfo& feature : features) {
      writer.begin_object();
      write_feature(writer, feature, status);
      writer.end_object();
    }
    writer.end_array();
  });
}

}  // namespace

Result<int> execute(const FeaturesCommand& /*command*/, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_to_read());
  PROVENDER_ASSIGN(const std::vector<FeatureInfo> features, store->features());
  PROVENDER_ASSIGN(const std::vector<ViewStatus> status, store->status());
  if (session.json()) {
    out_json(features, status, session);
  } else if (features.empty()) {
    session.note("no features are registered; see 'provender plan'");
  } else {
    out_table(features, status, session);
  }
  return kExitOk;
}

}  // namespace provender::cli

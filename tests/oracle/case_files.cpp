#include "case_files.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace provender::oracle {
namespace {

constexpr Type kTime{.kind = Kind::Timestamp};

/// A value of a declared type as the file has it: integers narrower, bytes of CSV as base64.
Value stored_value(const Value& value, Type stored) {
  if (const auto* wide = std::get_if<std::int64_t>(&value.storage);
      wide != nullptr && stored.kind == Kind::Int32) {
    return {.storage = static_cast<std::int32_t>(*wide)};
  }
  if (const auto* bytes = std::get_if<Bytes>(&value.storage);
      bytes != nullptr && stored.kind == Kind::String) {
    return {.storage = base64_encode(bytes->data)};
  }
  return value;
}

Value optional_time(const std::optional<Timestamp>& time) {
  return time ? Value{.storage = *time} : Value{};
}

bool is_csv(const FeatureView& view) {
  return view.source.kind == Source::Kind::Csv;
}

Type in_file(Type type, const FeatureView& view) {
  return is_csv(view) && type.kind == Kind::Bytes ? Type{.kind = Kind::String} : type;
}

std::string entities_text(const Definitions& definitions) {
  std::string out = "entities:\n";
  for (const Entity& entity : definitions.entities) {
    std::string keys;
    for (const JoinKey& key : entity.keys) {
      keys += fmt::format("{}{}: {}", keys.empty() ? "" : ", ", key.name, to_string(*key.type));
    }
    out += fmt::format("  {}: {{keys: {{{}}}}}\n", entity.name, keys);
  }
  return out;
}

std::string view_text(const FeatureView& view) {
  constexpr std::array kKinds = {"parquet", "csv", "sql", "view"};
  std::string out = fmt::format("  {}:\n    entities: [{}]\n    source: {{{}: \"{}\"{}}}\n",
                                view.name,
                                fmt::join(view.entities, ", "),
                                kKinds.at(static_cast<std::size_t>(view.source.kind)),
                                view.source.text,
                                view.source.created_timestamp
                                    ? ", created_timestamp: " + *view.source.created_timestamp
                                    : "");
  if (view.ttl) out += fmt::format("    ttl: {}us\n", view.ttl->count());
  out += "    features:\n";
  for (const Feature& feature : view.features) {
    out += fmt::format("      {}: \"{}\"\n", feature.name, to_string(feature.type));
  }
  return out;
}

std::string item_text(const ServiceItem& item) {
  std::string out = fmt::format("      - {{view: {}", item.view);
  if (!item.alias.empty()) out += ", as: " + item.alias;
  std::string keys;
  for (const auto& [key, column] : item.keys) {
    keys += fmt::format("{}{}: {}", keys.empty() ? "" : ", ", key, column);
  }
  if (!keys.empty()) out += fmt::format(", keys: {{{}}}", keys);
  return out + "}\n";
}

std::string definitions_text(const Definitions& definitions) {
  std::string out = entities_text(definitions) + "feature_views:\n";
  for (const FeatureView& view : definitions.feature_views) {
    out += view_text(view);
  }
  out += fmt::format("feature_services:\n  {}:\n    features:\n", kService);
  for (const ServiceItem& item : definitions.feature_services.front().items) {
    out += item_text(item);
  }
  return out;
}

std::vector<Value> spine_values(const RandomCase& c, const SpineRow& row) {
  std::vector<Value> out;
  if (c.has_spine()) out.push_back(row.label);
  for (std::size_t k = 0; k < row.keys.size(); ++k) {
    out.push_back(stored_value(row.keys[k], c.key_types[k]));
  }
  out.push_back(optional_time(row.t));
  return out;
}

}  // namespace

std::string source_file(const RandomCase& c, std::size_t view, std::size_t file) {
  const FeatureView& declared = c.definitions.feature_views[view];
  return fmt::format(
      "data/{}/part{}.{}", declared.name, file, is_csv(declared) ? "csv" : "parquet");
}

scenario::Table source_table(const RandomCase& c, std::size_t index, std::size_t file) {
  const FeatureView& view = c.definitions.feature_views[index];
  const Table& table = c.tables[index];
  scenario::Table out;
  const auto keys = join_keys(c.definitions, view);
  for (std::size_t k = 0; k < keys.size(); ++k) {
    out.columns.push_back({keys[k].name, in_file(c.stored_keys[index][k], view)});
  }
  out.columns.push_back({"event_timestamp", kTime});
  if (table.declares_created) out.columns.push_back({"created", kTime});
  for (const Feature& feature : view.features) {
    out.columns.push_back({feature.name, in_file(feature.type, view)});
  }
  const auto& sizes = c.files[index];
  const auto part = sizes.begin() + static_cast<std::ptrdiff_t>(file);
  const std::size_t begin = std::accumulate(sizes.begin(), part, std::size_t{0});
  for (std::size_t i = begin; i < begin + *part; ++i) {
    const SourceRow& row = table.rows[i];
    std::vector<Value> values = row.key;
    values.push_back(optional_time(row.event_timestamp));
    if (table.declares_created) values.push_back(optional_time(row.created_timestamp));
    values.insert(values.end(), row.features.begin(), row.features.end());
    for (std::size_t v = 0; v < values.size(); ++v) {
      values[v] = stored_value(values[v], out.columns[v].type);
    }
    out.rows.insert(out.rows.end(), row.times, values);
  }
  return out;
}

std::vector<SpineRow> asked_rows(const RandomCase& c) {
  if (c.has_spine()) return c.spine;
  std::vector<Seen> seen;
  for (const SelectedView& view : c.selection.views) {
    const Table& table = c.tables[view_place(c, view)];
    const auto told = c.range ? seen_between(table, c.range->start, c.range->end)
                              : seen_at(table,
                                        {.key = {},
                                         .t = c.at,
                                         .strictly_before = c.strictly_before,
                                         .known_by_created = c.known_by_created});
    seen.insert(seen.end(), told.begin(), told.end());
  }
  sort_and_unite(seen);
  std::vector<SpineRow> out;
  for (Seen& row : seen) {
    out.push_back({.keys = std::move(row.key), .t = row.t, .label = {}});
  }
  return out;
}

scenario::Table spine_table(const RandomCase& c) {
  scenario::Table out;
  if (c.has_spine()) out.columns.push_back({"label", Type{.kind = Kind::Int64}});
  for (std::size_t i = 0; i < c.key_types.size(); ++i) {
    out.columns.push_back({c.selection.keys[i].name, c.key_types[i]});
  }
  out.columns.push_back({"event_timestamp", kTime});
  for (const SpineRow& row : asked_rows(c)) {
    out.rows.push_back(spine_values(c, row));
  }
  return out;
}

Question question(const RandomCase& c, const SpineRow& row, const SelectedView& view) {
  Question out{.key = {},
               .t = row.t,
               .strictly_before = c.strictly_before,
               .known_by_created = c.known_by_created};
  for (const std::string& name : view.request_keys) {
    const auto key = std::ranges::find(c.selection.keys, name, &RequestKey::name);
    out.key.push_back(row.keys[static_cast<std::size_t>(key - c.selection.keys.begin())]);
  }
  return out;
}

std::size_t view_place(const RandomCase& c, const SelectedView& view) {
  return static_cast<std::size_t>(c.definitions.feature_view(view.view) -
                                  c.definitions.feature_views.data());
}

std::size_t feature_place(const RandomCase& c, const SelectedFeature& feature) {
  const FeatureView& view =
      c.definitions.feature_views[view_place(c, c.selection.views[feature.view])];
  const auto found = std::ranges::find(view.features, feature.feature, &Feature::name);
  return static_cast<std::size_t>(found - view.features.begin());
}

scenario::Table expected_table(const RandomCase& c) {
  scenario::Table out = spine_table(c);
  for (const SelectedFeature& feature : c.selection.features) {
    const std::size_t view = view_place(c, c.selection.views[feature.view]);
    const Type type = c.definitions.feature_views[view].features[feature_place(c, feature)].type;
    out.columns.push_back({feature.name, type});
    if (!c.with_status) continue;
    out.columns.push_back({feature.name + "__status", Type{.kind = Kind::String}});
  }
  const auto rows = asked_rows(c);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t v = 0; v < c.selection.views.size(); ++v) {
      const SelectedView& view = c.selection.views[v];
      const Answer answer = ask(c.tables[view_place(c, view)], question(c, rows[i], view));
      for (const SelectedFeature& feature : c.selection.features) {
        if (feature.view != v) continue;
        const std::size_t place = feature_place(c, feature);
        out.rows[i].push_back(answer.value(place));
        if (!c.with_status) continue;
        out.rows[i].push_back({.storage = std::string(to_string(answer.status(place)))});
      }
    }
  }
  return out;
}

namespace {

std::string question_text(const RandomCase& c) {
  std::string out;
  if (c.range) {
    out += fmt::format(
        " range {} {}", format_timestamp(c.range->start), format_timestamp(c.range->end));
  }
  if (c.at) out += " at " + format_timestamp(*c.at);
  if (c.strictly_before) out += " strictly_before";
  if (c.known_by_created) out += " known_by_created";
  if (c.with_status) out += " with_status";
  return out + fmt::format(" full_names service {}", kService);
}

}  // namespace

std::string to_scenario(const RandomCase& c) {
  std::string out = fmt::format("Found by the differential suite from seed {}.\n\n", c.seed);
  out += "== definitions\n" + definitions_text(c.definitions);
  for (std::size_t view = 0; view < c.tables.size(); ++view) {
    for (std::size_t file = 0; file < c.files[view].size(); ++file) {
      out += fmt::format(
          "\n== table {}\n{}", source_file(c, view, file), to_text(source_table(c, view, file)));
    }
  }
  if (c.has_spine()) out += "\n== spine\n" + to_text(spine_table(c));
  return out + "\n== historical" + question_text(c) + "\n" + to_text(expected_table(c));
}

}  // namespace provender::oracle

#include "registry/differences.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/reference.hpp"

namespace provender::registry {
namespace {

/// Collects lines for the properties that differ.
class Lines {
 public:
  void value(std::string_view what, const std::string& before, const std::string& after) {
    if (before == after) return;
    lines_.push_back(fmt::format("{}: {} → {}", what, shown(before), shown(after)));
  }
  /// For texts that are too long to show.
  void text(std::string_view what, const std::string& before, const std::string& after) {
    if (before == after) return;
    const auto* happened = before.empty() ? "added" : after.empty() ? "removed" : "changed";
    lines_.push_back(fmt::format("{} {}", what, happened));
  }
  void values(std::string_view what,
              const std::map<std::string, std::string>& before,
              const std::map<std::string, std::string>& after) {
    auto names = before;
    names.insert(after.begin(), after.end());
    const auto in = [](const auto& map, const std::string& name) {
      const auto found = map.find(name);
      return found == map.end() ? std::string() : found->second.empty() ? "''" : found->second;
    };
    for (const auto& [name, _] : names) {
      value(fmt::format("{} {}", what, name), in(before, name), in(after, name));
    }
  }
  void about(std::string_view prefix, const Annotations& before, const Annotations& after) {
    text(fmt::format("{}description", prefix), before.description, after.description);
    value(fmt::format("{}owner", prefix), before.owner, after.owner);
    values(fmt::format("{}tag", prefix), before.tags, after.tags);
  }
  void add(std::string line) { lines_.push_back(std::move(line)); }
  std::vector<std::string> take() && { return std::move(lines_); }

 private:
  static std::string_view shown(std::string_view value) { return value.empty() ? "none" : value; }
  std::vector<std::string> lines_;
};

template <class T>
std::string joined(const std::vector<T>& items, auto&& text) {
  std::vector<std::string> parts;
  std::ranges::transform(items, std::back_inserter(parts), text);
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string key_text(const JoinKey& key) {
  return key.type ? fmt::format("{} ({})", key.name, to_string(*key.type)) : key.name;
}

std::string source_text(const Source& source) {
  static constexpr std::array<std::string_view, 4> kKinds{"parquet", "csv", "sql", "view"};
  return fmt::format("{} {}", kKinds.at(std::to_underlying(source.kind)), source.text);
}

std::string unit_text(const std::optional<TimestampUnit>& unit) {
  static constexpr std::array<const char*, 4> kUnits{
      "seconds", "milliseconds", "microseconds", "nanoseconds"};
  return unit ? kUnits.at(std::to_underlying(*unit)) : "";
}

void compare_sources(Lines& lines, const Source& before, const Source& after) {
  if (before.kind == Source::Kind::Sql && after.kind == Source::Kind::Sql) {
    lines.text("sql", before.text, after.text);
  } else {
    lines.value("source", source_text(before), source_text(after));
  }
  lines.value("event timestamp", before.event_timestamp, after.event_timestamp);
  lines.value("created timestamp",
              before.created_timestamp.value_or(""),
              after.created_timestamp.value_or(""));
  lines.value("timestamp unit", unit_text(before.timestamp_unit), unit_text(after.timestamp_unit));
  lines.values("column of", before.columns, after.columns);
  lines.value("hive", before.hive ? "yes" : "no", after.hive ? "yes" : "no");
}

const Feature* find(const std::vector<Feature>& features, const std::string& name) {
  const auto found = std::ranges::find(features, name, &Feature::name);
  return found == features.end() ? nullptr : &*found;
}

/// The names that both have, in the order of `features`.
std::vector<std::string> common(const std::vector<Feature>& features,
                                const std::vector<Feature>& others) {
  std::vector<std::string> names;
  for (const auto& feature : features) {
    if (find(others, feature.name) != nullptr) names.push_back(feature.name);
  }
  return names;
}

void compare_features(Lines& lines,
                      Differences& result,
                      const FeatureView& before,
                      const FeatureView& after) {
  for (const auto& old : before.features) {
    if (find(after.features, old.name) != nullptr) continue;
    result.removed.push_back(old.name);
    lines.add(fmt::format("feature {} removed ({})", old.name, to_string(old.type)));
  }
  for (const auto& feature : after.features) {
    const auto* old = find(before.features, feature.name);
    if (old == nullptr) {
      result.added.push_back(feature.name);
      lines.add(fmt::format("feature {} added ({})", feature.name, to_string(feature.type)));
      continue;
    }
    if (old->type != feature.type) result.retyped.push_back(feature.name);
    lines.value("feature " + feature.name, to_string(old->type), to_string(feature.type));
    lines.about(fmt::format("feature {}: ", feature.name), old->about, feature.about);
  }
  const auto old_order = common(before.features, after.features);
  const auto order = common(after.features, before.features);
  result.is_reordered = old_order != order;
  lines.value("order of features",
              fmt::format("{}", fmt::join(old_order, ", ")),
              fmt::format("{}", fmt::join(order, ", ")));
}

/// What a service takes, a text for each feature: "user_activity:ratings_7d as friend".
std::vector<std::string> outputs(const FeatureService& service) {
  std::vector<std::string> result;
  for (const auto& item : service.items) {
    const auto view = item.view.empty() ? "" : fmt::format("{}:", item.view);
    const auto role = role_text(item.alias, item.keys);
    const auto names = item.features.empty() ? std::vector<std::string>{"*"} : item.features;
    for (const auto& name : names) {
      result.push_back(fmt::format("{}{}{}", view, name, role));
    }
  }
  return result;
}

std::vector<std::string> without(const std::vector<std::string>& items,
                                 const std::vector<std::string>& others) {
  std::vector<std::string> result;
  std::ranges::copy_if(items, std::back_inserter(result), [&](const std::string& item) {
    return std::ranges::find(others, item) == others.end();
  });
  return result;
}

}  // namespace

Differences differences(const Entity& before, const Entity& after) {
  Lines lines;
  lines.value("keys", joined(before.keys, key_text), joined(after.keys, key_text));
  lines.about("", before.about, after.about);
  return {.lines = std::move(lines).take()};
}

Differences differences(const SqlView& before, const SqlView& after) {
  Lines lines;
  lines.text("sql", before.sql, after.sql);
  return {.lines = std::move(lines).take()};
}

Differences differences(const FeatureView& before, const FeatureView& after) {
  Lines lines;
  Differences result;
  lines.value("entities",
              fmt::format("{}", fmt::join(before.entities, ", ")),
              fmt::format("{}", fmt::join(after.entities, ", ")));
  compare_sources(lines, before.source, after.source);
  lines.value("ttl",
              before.ttl ? format_duration(*before.ttl) : "",
              after.ttl ? format_duration(*after.ttl) : "");
  lines.value("cadence", format_cadence(before.cadence), format_cadence(after.cadence));
  compare_features(lines, result, before, after);
  lines.about("", before.about, after.about);
  result.lines = std::move(lines).take();
  return result;
}

Differences differences(const FeatureService& before, const FeatureService& after) {
  Lines lines;
  const auto old_outputs = outputs(before);
  const auto new_outputs = outputs(after);
  Differences result{.removed = without(old_outputs, new_outputs),
                     .added = without(new_outputs, old_outputs)};
  for (const auto& name : result.removed) {
    lines.add(fmt::format("feature {} removed", name));
  }
  for (const auto& name : result.added) {
    lines.add(fmt::format("feature {} added", name));
  }
  if (before.items != after.items && result.removed.empty() && result.added.empty()) {
    lines.value("order of features",
                fmt::format("{}", fmt::join(old_outputs, ", ")),
                fmt::format("{}", fmt::join(new_outputs, ", ")));
    if (old_outputs == new_outputs) lines.add("features are grouped otherwise");
  }
  lines.about("", before.about, after.about);
  result.lines = std::move(lines).take();
  return result;
}

}  // namespace provender::registry

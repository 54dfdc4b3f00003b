#include "random_case.hpp"

#include <array>
#include <limits>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

#include "model/definitions_json.hpp"
#include "offline/conversion.hpp"
#include "offline/sql_text.hpp"

namespace provender::oracle {
namespace {

constexpr std::int64_t kBase = 1'700'000'000'000'000;  // times lie within some microseconds of it

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) { out_.seed = seed; }

  RandomCase make() {
    out_.definitions.project = "random";
    make_entities();
    const int views = below(3) + 1;
    for (int i = 0; i < views; ++i) {
      make_view(fmt::format("v{}", i));
    }
    make_selection();
    make_spine();
    return std::move(out_);
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool chance(int percent) { return below(100) < percent; }

  Timestamp near() { return Timestamp(Duration(kBase + below(40) - 20)); }

  Kind any_kind() { return static_cast<Kind>(1 + below(8)); }

  Kind key_kind() {
    constexpr std::array kKinds = {
        Kind::Bool, Kind::Int32, Kind::Int64, Kind::String, Kind::Bytes, Kind::Timestamp};
    return kKinds[static_cast<std::size_t>(below(kKinds.size()))];
  }

  void make_entities() {
    const std::array names = {"a", "b", "c"};
    for (const char* name : names) {
      Entity entity{.name = name};
      entity.keys.push_back({.name = name, .type = Type{.kind = key_kind()}});
      if (chance(30)) {
        entity.keys.push_back({.name = std::string(name) + "2", .type = Type{.kind = key_kind()}});
      }
      out_.definitions.entities.push_back(std::move(entity));
    }
  }

  Value text(bool small) {
    using namespace std::string_view_literals;
    constexpr std::array kTexts = {
        "a"sv, "bc"sv, "ab"sv, "c"sv, "a\0"sv, ""sv, "é,\"x\""sv, "a\n b"sv};
    return {.storage = std::string(kTexts[static_cast<std::size_t>(below(small ? 5 : 8))])};
  }

  Value scalar(Kind kind, bool small) {
    constexpr std::array<std::int64_t, 6> kInt = {1,
                                                  11,
                                                  -1,
                                                  0,
                                                  std::numeric_limits<std::int64_t>::max(),
                                                  std::numeric_limits<std::int64_t>::min()};
    constexpr std::array<double, 8> kDouble = {0.0,
                                               -0.0,
                                               1.5,
                                               -1e300,
                                               std::numeric_limits<double>::infinity(),
                                               -std::numeric_limits<double>::infinity(),
                                               std::numeric_limits<double>::quiet_NaN(),
                                               5e-324};
    const auto at = static_cast<std::size_t>(below(small ? 3 : 6));
    switch (kind) {
      case Kind::Bool:
        return {.storage = chance(50)};
      case Kind::Int32:
        return {.storage = static_cast<std::int32_t>(kInt[at] % 2'147'483'648)};
      case Kind::Int64:
        return {.storage = kInt[at]};
      case Kind::Float32:
        return {.storage = static_cast<float>(kDouble[static_cast<std::size_t>(below(8))])};
      case Kind::Float64:
        return {.storage = kDouble[static_cast<std::size_t>(below(8))]};
      case Kind::String:
        return text(small);
      case Kind::Bytes: {
        using namespace std::string_view_literals;
        constexpr std::array kBytes = {
            "\x01"sv, "\x01\xff"sv, "\xff"sv, "zz"sv, "\0\x01\0"sv, "\0"sv};
        return {.storage = Bytes{std::string(kBytes[static_cast<std::size_t>(below(6))])}};
      }
      case Kind::Timestamp:
        return {.storage = Timestamp(Duration(kBase + below(small ? 2 : 40)))};
    }
    return {};
  }

  Value feature_value(Type type) {
    if (chance(20)) return {};
    if (!type.is_list) return scalar(type.kind, /*small=*/false);
    ValueList list(static_cast<std::size_t>(below(4)));
    for (Value& element : list) {
      if (!chance(20)) element = scalar(type.kind, /*small=*/false);
    }
    return {.storage = std::move(list)};
  }

  void make_view(const std::string& name) {
    FeatureView view{.name = name};
    const int entities = chance(40) ? 2 : 1;
    const int first = below(3);
    for (int i = 0; i < entities; ++i) {
      view.entities.push_back(
          out_.definitions.entities[static_cast<std::size_t>((first + i) % 3)].name);
    }
    if (chance(60)) view.ttl = Duration(1 + below(12));
    const int features = 1 + below(3);
    const int kind = below(4);
    for (int i = 0; i < features; ++i) {
      // CSV has no lists.
      const Type type{.kind = any_kind(), .is_list = kind != 1 && chance(20)};
      view.features.push_back({.name = fmt::format("{}_f{}", name, i), .type = type});
    }
    Table table{.declares_created = chance(50), .ttl = view.ttl};
    view.source.text = fmt::format("data/{}/*.{}", name, kind == 1 ? "csv" : "parquet");
    if (kind == 1) view.source.kind = Source::Kind::Csv;
    if (kind == 2) {
      view.source.kind = Source::Kind::Sql;
      view.source.text = fmt::format("SELECT * FROM '{}'", view.source.text);
      table.ties_by_features = true;
    }
    if (table.declares_created) view.source.created_timestamp = "created";
    make_rows(view, table);
    out_.tables.push_back(std::move(table));
    out_.definitions.feature_views.push_back(std::move(view));
  }

  void make_rows(const FeatureView& view, Table& table) {
    constexpr std::array kSizes = {0, 1, 5, 40, 120, 120};
    const int rows = kSizes[static_cast<std::size_t>(below(kSizes.size()))];
    for (int i = 0; i < rows; ++i) {
      SourceRow row;
      for (const JoinKey& key : join_keys(out_.definitions, view)) {
        row.key.push_back(chance(3) ? Value{} : scalar(key.type->kind, /*small=*/true));
      }
      if (!chance(3)) row.event_timestamp = near();
      if (table.declares_created && !chance(15)) row.created_timestamp = near();
      for (const Feature& feature : view.features) {
        row.features.push_back(feature_value(feature.type));
      }
      table.rows.push_back(std::move(row));
    }
  }

  /// All views, and perhaps the first one in another role.
  void make_selection() {
    FeatureService service{.name = "s"};
    for (const FeatureView& view : out_.definitions.feature_views) {
      service.items.push_back({.view = view.name});
    }
    if (chance(40)) {
      ServiceItem role{.view = "v0", .alias = "other"};
      for (const JoinKey& key : join_keys(out_.definitions, out_.definitions.feature_views[0])) {
        role.keys[key.name] = "other_" + key.name;
      }
      service.items.push_back(std::move(role));
    }
    out_.definitions.feature_services.push_back(std::move(service));
    auto selected = select(out_.definitions, {.features = {}, .service = "s", .full_names = true});
    if (!selected) throw std::runtime_error(std::string(selected.error().message()));
    out_.selection = *std::move(selected);
    for (const RequestKey& key : out_.selection.keys) {
      out_.key_types.push_back(*key.type);
    }
  }

  void make_spine() {
    constexpr std::array kSizes = {0, 1, 30, 100, 100};
    const int rows = kSizes[static_cast<std::size_t>(below(kSizes.size()))];
    for (int i = 0; i < rows; ++i) {
      SpineRow row{.keys = {}, .t = near(), .label = {.storage = std::int64_t{i}}};
      if (chance(4)) row.t = std::nullopt;
      for (const Type type : out_.key_types) {
        row.keys.push_back(chance(3) ? Value{} : scalar(type.kind, /*small=*/true));
      }
      out_.spine.push_back(row);
      if (chance(10)) out_.spine.push_back(std::move(row));  // twice the same
    }
  }

  std::mt19937_64 random_;
  RandomCase out_;
};

/// Rows of literals as a SELECT whose columns have names and types, also when there is no row.
class TableText {
 public:
  void column(const std::string& name, Type type) {
    names_ += fmt::format("{}{}", names_.empty() ? "" : ", ", offline::sql::identifier(name));
    nulls_ += fmt::format("{}{}", nulls_.empty() ? "" : ", ", offline::sql_literal({}, type));
    types_.push_back(type);
  }
  void row(std::span<const Value> values) {
    std::string items;
    for (std::size_t i = 0; i < values.size(); ++i) {
      items += fmt::format("{}{}", i == 0 ? "" : ", ", offline::sql_literal(values[i], types_[i]));
    }
    rows_ += fmt::format("{}({})", rows_.empty() ? "" : ",\n  ", items);
  }
  std::string select() const {
    if (rows_.empty()) {
      return fmt::format("SELECT * FROM (VALUES ({})) t({}) WHERE false", nulls_, names_);
    }
    return fmt::format("SELECT * FROM (VALUES {}) t({})", rows_, names_);
  }

 private:
  std::string names_;
  std::string nulls_;
  std::string rows_;
  std::vector<Type> types_;
};

Value optional_time(const std::optional<Timestamp>& time) {
  return time ? Value{.storage = *time} : Value{};
}

constexpr Type kTime{.kind = Kind::Timestamp};

std::string source_select(const RandomCase& c,
                          std::size_t index,
                          std::size_t begin,
                          std::size_t end) {
  const FeatureView& view = c.definitions.feature_views[index];
  const Table& table = c.tables[index];
  const bool csv = view.source.kind == Source::Kind::Csv;
  TableText text;
  for (const JoinKey& key : join_keys(c.definitions, view)) {
    text.column(key.name, *key.type);
  }
  text.column("event_timestamp", kTime);
  if (table.declares_created) text.column("created", kTime);
  for (const Feature& feature : view.features) {
    text.column(feature.name, feature.type);
  }
  for (std::size_t i = begin; i < end; ++i) {
    const SourceRow& row = table.rows[i];
    std::vector<Value> values = row.key;
    values.push_back(optional_time(row.event_timestamp));
    if (table.declares_created) values.push_back(optional_time(row.created_timestamp));
    values.insert(values.end(), row.features.begin(), row.features.end());
    text.row(values);
  }
  if (!csv) return text.select();
  // Bytes are base64 there.
  std::string replaced;
  const auto replace = [&](const std::string& name, Type type) {
    if (type.kind != Kind::Bytes) return;
    replaced += fmt::format("{}to_base64({}) AS {}", replaced.empty() ? "" : ", ", name, name);
  };
  for (const JoinKey& key : join_keys(c.definitions, view)) {
    replace(key.name, *key.type);
  }
  for (const Feature& feature : view.features) {
    replace(feature.name, feature.type);
  }
  return replaced.empty() ? text.select()
                          : fmt::format("SELECT * REPLACE ({}) FROM ({})", replaced, text.select());
}

std::string spine_select(const RandomCase& c) {
  TableText text;
  text.column("label", Type{.kind = Kind::Int64});
  for (std::size_t i = 0; i < c.key_types.size(); ++i) {
    text.column(c.selection.keys[i].name, c.key_types[i]);
  }
  text.column("event_timestamp", kTime);
  for (const SpineRow& row : c.spine) {
    std::vector<Value> values = {row.label};
    values.insert(values.end(), row.keys.begin(), row.keys.end());
    values.push_back(optional_time(row.t));
    text.row(values);
  }
  return text.select();
}

}  // namespace

RandomCase make_case(std::uint64_t seed) {
  return Generator(seed).make();
}

void write_case(const RandomCase& c, offline::TestProject& project) {
  for (std::size_t i = 0; i < c.tables.size(); ++i) {
    const FeatureView& view = c.definitions.feature_views[i];
    const std::size_t rows = c.tables[i].rows.size();
    const std::size_t files = 1 + (c.seed + i) % 3;
    for (std::size_t f = 0; f < files; ++f) {
      project.write(fmt::format("data/{}/part{}.{}",
                                view.name,
                                f,
                                view.source.kind == Source::Kind::Csv ? "csv" : "parquet"),
                    source_select(c, i, rows * f / files, rows * (f + 1) / files));
    }
  }
  project.write("spine.parquet", spine_select(c));
}

std::string RandomCase::dump() const {
  std::string out = fmt::format("seed {}\n{}\n", seed, to_json(definitions));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    out += fmt::format("{}: {}\n",
                       definitions.feature_views[i].name,
                       source_select(*this, i, 0, tables[i].rows.size()));
  }
  return out + fmt::format("spine: {}\n", spine_select(*this));
}

}  // namespace provender::oracle

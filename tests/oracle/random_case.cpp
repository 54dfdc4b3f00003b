#include "random_case.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <random>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace provender::oracle {
namespace {

constexpr std::int64_t kBase = 1'700'000'000'000'000;  // times lie within some microseconds of it

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {
    out_.seed = seed;
    out_.strictly_before = chance(30);
    out_.known_by_created = chance(40);
    out_.with_status = chance(60);
    constexpr std::array kThreads = {1, 2, 5};
    out_.threads = kThreads[static_cast<std::size_t>(below(kThreads.size()))];
    if (chance(30)) spread_ = 2000;
    if (chance(12)) choose_range();
    if (!out_.range && chance(12)) out_.at = near();
  }

  RandomCase make() {
    make_entities();
    const int views = below(3) + 1;
    for (int i = 0; i < views; ++i) {
      make_view(fmt::format("v{}", i));
    }
    make_selection();
    if (out_.has_spine()) make_spine();
    return std::move(out_);
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  const T& pick(const std::vector<T>& all) {
    return all[random_() % all.size()];
  }

  Timestamp near() { return Timestamp(Duration(kBase + below(spread_) - spread_ / 2)); }

  void choose_range() {
    const Timestamp start = near();
    out_.range = {.start = start, .end = start + Duration(1 + below(spread_))};
  }

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

  void choose_entities(FeatureView& view) {
    if (!out_.has_spine() && !out_.definitions.feature_views.empty()) {
      view.entities = out_.definitions.feature_views.front().entities;
      return;
    }
    const int entities = chance(40) ? 2 : 1;
    const int first = below(3);
    for (int i = 0; i < entities; ++i) {
      view.entities.push_back(
          out_.definitions.entities[static_cast<std::size_t>((first + i) % 3)].name);
    }
  }

  void make_view(const std::string& name) {
    FeatureView view{.name = name};
    choose_entities(view);
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
    if (chance(40)) fill(table);
    arrange(table);
    make_files(view, table.rows.size());
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
      if (chance(20) && !table.rows.empty()) {  // ties
        const SourceRow& tied = pick(table.rows);
        row.key = tied.key;
        row.event_timestamp = tied.event_timestamp;
      }
      if (table.declares_created && !chance(15)) row.created_timestamp = near();
      for (const Feature& feature : view.features) {
        row.features.push_back(feature_value(feature.type));
      }
      table.rows.push_back(std::move(row));
    }
  }

  /// Some rows stand in the file so often that they are row groups of their own: among the others
  /// in time, or far from them.
  void fill(Table& table) {
    if (table.rows.empty()) return;
    for (int more = 1 + below(3); more > 0; --more) {
      SourceRow row = pick(table.rows);
      row.times = std::size_t{1500} + static_cast<std::size_t>(below(3000));
      if (row.event_timestamp && chance(70)) {
        *row.event_timestamp += std::chrono::hours(chance(50) ? -1 : 1);
      }
      table.rows.push_back(std::move(row));
    }
  }

  /// The order in which the rows stand in the files.
  void arrange(Table& table) {
    const auto by_time = [](const SourceRow& a, const SourceRow& b) {
      return a.event_timestamp < b.event_timestamp;
    };
    const int order = below(4);
    if (order == 0) return;
    std::ranges::stable_sort(table.rows, by_time);
    if (order == 1) {
      std::ranges::stable_sort(table.rows, [](const SourceRow& a, const SourceRow& b) {
        return compare(std::span(a.key), std::span(b.key)) < 0;
      });
    }
    if (order == 2 && !table.rows.empty()) {
      for (int late = below(6); late > 0; --late) {
        const auto from = table.rows.begin() + below(static_cast<int>(table.rows.size()));
        std::rotate(from, from + 1, table.rows.end());
      }
    }
  }

  void make_files(const FeatureView& view, std::size_t rows) {
    std::vector<std::size_t> sizes(1, rows);
    for (int more = below(5); more > 0; --more) {
      const std::size_t moved = sizes.back() == 0 ? 0 : random_() % (sizes.back() + 1);
      sizes.back() -= moved;
      sizes.push_back(moved);
    }
    out_.files.push_back(std::move(sizes));
    auto& stored = out_.stored_keys.emplace_back();
    for (const JoinKey& key : join_keys(out_.definitions, view)) {
      stored.push_back(narrowed(*key.type));
    }
  }

  /// Keys of int64 may be stored as int32, and are small then.
  Type narrowed(Type type) {
    return type.kind == Kind::Int64 && chance(30) ? Type{.kind = Kind::Int32} : type;
  }

  /// All views, and perhaps the first one in another role.
  void make_selection() {
    FeatureService service{.name = kService};
    for (const FeatureView& view : out_.definitions.feature_views) {
      service.items.push_back({.view = view.name});
    }
    if (out_.has_spine() && chance(40)) {
      ServiceItem role{.view = "v0", .alias = "other"};
      for (const JoinKey& key : join_keys(out_.definitions, out_.definitions.feature_views[0])) {
        role.keys[key.name] = "other_" + key.name;
      }
      service.items.push_back(std::move(role));
    }
    out_.definitions.feature_services.push_back(std::move(service));
    select_again(out_);
    if (!out_.has_spine()) return;
    for (Type& type : out_.key_types) {
      type = narrowed(type);
    }
  }

  void make_spine() {
    constexpr std::array kSizes = {0, 1, 30, 100, 100};
    const int rows = kSizes[static_cast<std::size_t>(below(kSizes.size()))];
    for (int i = 0; i < rows; ++i) {
      SpineRow row{.keys = {}, .t = near(), .label = {.storage = std::int64_t{i}}};
      if (chance(4)) row.t = std::nullopt;
      for (const RequestKey& key : out_.selection.keys) {
        row.keys.push_back(chance(3) ? Value{} : scalar(key.type->kind, /*small=*/true));
      }
      if (chance(60)) aim(row);
      out_.spine.push_back(row);
      if (chance(10)) out_.spine.push_back(std::move(row));  // twice the same
    }
  }

  /// Asks for the key of a source row, at the edges of its time and ttl.
  void aim(SpineRow& row) {
    const SelectedView& view = pick(out_.selection.views);
    const auto place = static_cast<std::size_t>(out_.definitions.feature_view(view.view) -
                                                out_.definitions.feature_views.data());
    const Table& table = out_.tables[place];
    if (table.rows.empty()) return;
    const SourceRow& target = pick(table.rows);
    for (std::size_t k = 0; k < view.request_keys.size(); ++k) {
      const auto key =
          std::ranges::find(out_.selection.keys, view.request_keys[k], &RequestKey::name);
      row.keys[static_cast<std::size_t>(key - out_.selection.keys.begin())] = target.key[k];
    }
    if (!target.event_timestamp) return;
    const Duration edge = table.ttl && chance(50) ? *table.ttl : Duration(0);
    row.t = *target.event_timestamp + edge + Duration(below(3) - 1);
  }

  std::mt19937_64 random_;
  int spread_ = 40;  // microseconds
  RandomCase out_;
};

}  // namespace

RandomCase make_case(std::uint64_t seed) {
  return Generator(seed).make();
}

void select_again(RandomCase& c) {
  auto selected = select(c.definitions, {.features = {}, .service = kService, .full_names = true});
  if (!selected) throw std::runtime_error(std::string(selected.error().message()));
  const std::vector<RequestKey> before = std::move(c.selection.keys);
  const std::vector<Type> types = std::move(c.key_types);
  c.selection = *std::move(selected);
  c.key_types.clear();
  std::vector<std::size_t> places;
  for (const RequestKey& key : c.selection.keys) {
    const auto found = std::ranges::find(before, key.name, &RequestKey::name);
    places.push_back(static_cast<std::size_t>(found - before.begin()));
    c.key_types.push_back(found == before.end() ? *key.type : types[places.back()]);
  }
  for (SpineRow& row : c.spine) {
    std::vector<Value> keys;
    for (const std::size_t place : places) {
      keys.push_back(row.keys.at(place));
    }
    row.keys = std::move(keys);
  }
}

}  // namespace provender::oracle

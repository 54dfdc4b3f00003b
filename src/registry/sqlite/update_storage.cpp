#include "registry/sqlite/update_storage.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/try.hpp"
#include "registry/plan.hpp"
#include "registry/sqlite/stores.hpp"

namespace provender::registry::sqlite {
namespace {

/// The number of a set of join keys, the same forever.
Result<std::uint32_t> entity_set(Database& database, const std::vector<JoinKey>& keys) {
  std::vector<std::string> parts;
  for (const auto& key : keys) {
    parts.push_back(fmt::format("{} {}", key.name, to_string(*key.type)));
  }
  const auto text = fmt::format("{}", fmt::join(parts, ", "));
  PROVENDER_TRY(
      database.run("INSERT INTO entity_sets (keys) VALUES (?) ON CONFLICT DO NOTHING", text));
  PROVENDER_ASSIGN(auto row,
                   database.query("SELECT entity_set FROM entity_sets WHERE keys = ?", text));
  PROVENDER_TRY(row.next());
  return row.number<std::uint32_t>(0);
}

/// Gives out the numbers of one view's fields, which never come back.
class FieldNumbers {
 public:
  static Result<FieldNumbers> of(Database& database, const std::string& view) {
    PROVENDER_ASSIGN(
        auto row,
        database.query("SELECT coalesce(max(field), 0) FROM fields WHERE view = ?", view));
    PROVENDER_TRY(row.next());
    return FieldNumbers(database, view, row.integer(0));
  }

  Result<std::uint16_t> add(const Feature& feature) {
    if (last_ == std::numeric_limits<std::uint16_t>::max()) {
      return Error(ErrorCode::ResourceExhausted,
                   fmt::format("feature view {}: no field number is left for feature {}: every "
                               "feature ever added or "
                               "retyped takes one of 65535: give the view a new name",
                               view_,
                               feature.name));
    }
    PROVENDER_TRY(database_.run("INSERT INTO fields VALUES (?, ?, ?, ?)",
                                view_,
                                ++last_,
                                feature.name,
                                to_string(feature.type)));
    return static_cast<std::uint16_t>(last_);
  }

 private:
  FieldNumbers(Database& database, const std::string& view, std::int64_t last)
      : database_(database), view_(view), last_(last) {}
  Database& database_;
  const std::string& view_;
  std::int64_t last_;
};

/// A new schema for the view's features. A feature of `kept` keeps its field.
Result<std::uint32_t> add_schema(Database& database,
                                 const FeatureView& view,
                                 const std::map<std::string, std::uint16_t>& kept) {
  PROVENDER_ASSIGN(auto numbers, FieldNumbers::of(database, view.name));
  PROVENDER_TRY(database.run("INSERT INTO schemas (view) VALUES (?)", view.name));
  const auto schema_id = static_cast<std::uint32_t>(database.last_id());
  PROVENDER_ASSIGN(auto insert,
                   Statement::prepare(database, "INSERT INTO schema_fields VALUES (?, ?, ?)"));
  std::int64_t position = 0;
  for (const auto& feature : view.features) {
    const auto found = kept.find(feature.name);
    std::uint16_t field = 0;
    if (found != kept.end()) {
      field = found->second;
    } else {
      PROVENDER_ASSIGN(field, numbers.add(feature));
    }
    PROVENDER_TRY(insert.execute(schema_id, position++, field));
  }
  return schema_id;
}

/// Features that both versions have with the same type.
std::map<std::string, std::uint16_t> kept_fields(const FeatureView& before,
                                                 const FeatureView& after,
                                                 const Generation& target) {
  std::map<std::string, std::uint16_t> kept;
  for (const auto& feature : after.features) {
    const auto old = std::ranges::find(before.features, feature.name, &Feature::name);
    if (old != before.features.end() && old->type == feature.type) {
      kept[feature.name] = target.fields.at(feature.name);
    }
  }
  return kept;
}

/// The target's schema while it fits, else a new one.
Result<std::uint32_t> schema_for(Database& database,
                                 const FeatureView& before,
                                 const FeatureView& after,
                                 const Generation& target) {
  const auto kept = kept_fields(before, after, target);
  if (kept == target.fields && kept.size() == after.features.size()) return target.schema_id;
  return add_schema(database, after, kept);
}

/// One apply, view by view.
class Update {
 public:
  Update(Database& database, Timestamp now, const Definitions& before, const Definitions& after)
      : database_(database), stores_(database, now), before_(before), after_(after) {}

  Result<> create(const FeatureView& view) {
    PROVENDER_ASSIGN(const auto schema, add_schema(database_, view, {}));
    return serve(view, schema);
  }

  Result<> change(const FeatureView& old_view,
                  const FeatureView& view,
                  const ViewStorage& storage) {
    const auto kind = storage_change(before_, old_view, after_, view);
    if (kind == StorageChange::None) return {};
    PROVENDER_ASSIGN(const auto schema, schema_for(database_, old_view, view, storage.target()));
    if (kind == StorageChange::NewSchema) {
      return stores_.set_schema(
          view.name, storage.building ? StoreState::Building : StoreState::Serving, schema);
    }
    PROVENDER_TRY(stores_.retire(view.name, StoreState::Building));
    if (kind == StorageChange::NewStore) {
      return stores_.add({.view = view.name,
                          .state = StoreState::Building,
                          .entity_set = storage.serving.entity_set,
                          .schema_id = schema});
    }
    PROVENDER_TRY(stores_.retire(view.name, StoreState::Serving));
    return serve(view, schema);
  }

  Result<> remove(const FeatureView& view) {
    PROVENDER_TRY(stores_.retire(view.name, StoreState::Building));
    return stores_.retire(view.name, StoreState::Serving);
  }

 private:
  Result<> serve(const FeatureView& view, std::uint32_t schema) {
    PROVENDER_ASSIGN(const auto set, entity_set(database_, join_keys(after_, view)));
    return stores_.add(
        {.view = view.name, .state = StoreState::Serving, .entity_set = set, .schema_id = schema});
  }

  Database& database_;
  Stores stores_;
  const Definitions& before_;
  const Definitions& after_;
};

}  // namespace

Result<> update_storage(Database& database,
                        const Snapshot& applied,
                        const Definitions& proposed,
                        Timestamp now) {
  const auto& before = applied.definitions;
  Update update(database, now, before, proposed);
  for (const auto& view : proposed.feature_views) {
    const auto* old_view = before.feature_view(view.name);
    if (old_view == nullptr) {
      PROVENDER_TRY(update.create(view));
    } else {
      PROVENDER_TRY(update.change(*old_view, view, applied.storage.at(view.name)));
    }
  }
  for (const auto& view : before.feature_views) {
    if (proposed.feature_view(view.name) == nullptr) PROVENDER_TRY(update.remove(view));
  }
  return {};
}

}  // namespace provender::registry::sqlite

#include "registry/sqlite/load.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"
#include "model/definitions_json.hpp"

namespace provender::registry::sqlite {
namespace {

Error corruption(const Database& database, std::string_view what) {
  return {
      ErrorCode::Corruption,
      fmt::format("registry {}: {}: restore the file from a copy", database.path().native(), what)};
}

/// A schema with the names of its fields' features.
struct NamedSchema {
  RowSchema schema;
  std::vector<std::string> features;
};
using Schemas = std::unordered_map<std::uint32_t, NamedSchema>;

Result<Definitions> parse(const Database& database, std::uint64_t version, std::string_view json) {
  auto definitions = definitions_from_json(json);
  if (definitions) return definitions;
  return corruption(database,
                    fmt::format("the definitions of version {} cannot be read: {}",
                                version,
                                definitions.error().message()));
}

Result<> load_version(Database& database, Snapshot& snapshot) {
  PROVENDER_ASSIGN(auto row,
                   database.query("SELECT version, applied_at, definitions FROM versions "
                                  "ORDER BY version DESC LIMIT 1"));
  PROVENDER_ASSIGN(const bool is_applied, row.next());
  if (!is_applied) return {};
  snapshot.version = row.number<std::uint64_t>(0);
  snapshot.applied_at = row.timestamp(1);
  PROVENDER_ASSIGN(snapshot.definitions, parse(database, snapshot.version, row.text(2)));
  return {};
}

Result<Schemas> load_schemas(Database& database) {
  PROVENDER_ASSIGN(
      auto row,
      database.query("SELECT s.schema_id, f.field, f.feature, f.type FROM schemas s "
                     "JOIN schema_fields USING (schema_id) "
                     "JOIN fields f ON f.view = s.view AND f.field = schema_fields.field "
                     "WHERE s.schema_id IN (SELECT schema_id FROM store_schemas) "
                     "ORDER BY s.schema_id, schema_fields.position"));
  Schemas schemas;
  while (true) {
    PROVENDER_ASSIGN(const bool has_row, row.next());
    if (!has_row) return schemas;
    auto& [schema, features] = schemas[row.number<std::uint32_t>(0)];
    schema.id = row.number<std::uint32_t>(0);
    const auto type = parse_type(row.text(3));
    if (!type) {
      return corruption(
          database,
          fmt::format(
              "field {} of schema {}: {}", row.integer(1), schema.id, type.error().message()));
    }
    schema.fields.push_back({.id = row.number<std::uint16_t>(1), .type = *type});
    features.push_back(row.text(2));
  }
}

/// The stores of one view.
using StoresByState = std::map<std::string, Generation>;

Result<std::map<std::string, StoresByState>> load_stores(Database& database,
                                                         std::vector<DeadStore>& dead) {
  PROVENDER_ASSIGN(
      auto row,
      database.query("SELECT store_id, view, state, entity_set, schema_id, dead_since FROM stores "
                     "ORDER BY store_id"));
  std::map<std::string, StoresByState> stores;
  while (true) {
    PROVENDER_ASSIGN(const bool has_row, row.next());
    if (!has_row) return stores;
    if (row.text(2) == "dead") {
      dead.push_back({.store_id = row.number<std::uint32_t>(0),
                      .view = row.text(1),
                      .since = row.timestamp(5)});
      continue;
    }
    stores[row.text(1)][row.text(2)] = {.store_id = row.number<std::uint32_t>(0),
                                        .entity_set = row.number<std::uint32_t>(3),
                                        .schema_id = row.number<std::uint32_t>(4)};
  }
}

/// The applied features that rows of `schema` can serve, by name: a feature that was retyped is
/// served with its old values and type until the generation that is being built takes over.
std::map<std::string, std::uint16_t> fields(const NamedSchema& schema, const NamedSchema& applied) {
  std::map<std::string, std::uint16_t> result;
  for (std::size_t i = 0; i < schema.features.size(); ++i) {
    if (std::ranges::find(applied.features, schema.features[i]) != applied.features.end()) {
      result[schema.features[i]] = schema.schema.fields[i].id;
    }
  }
  return result;
}

Result<ViewStorage> assemble(const Database& database,
                             const std::string& view,
                             const StoresByState& stores,
                             const Schemas& schemas) {
  const auto serving = stores.find("serving");
  if (serving == stores.end()) {
    return corruption(database, fmt::format("view {} has no serving store", view));
  }
  ViewStorage storage{.serving = serving->second};
  if (const auto building = stores.find("building"); building != stores.end()) {
    storage.building = building->second;
  }
  const auto applied = schemas.find(storage.target().schema_id);
  const auto served = schemas.find(storage.serving.schema_id);
  if (applied == schemas.end() || served == schemas.end()) {
    return corruption(database, fmt::format("view {} has a store without a schema", view));
  }
  storage.serving.fields = fields(served->second, applied->second);
  if (storage.building) storage.building->fields = fields(applied->second, applied->second);
  return storage;
}

/// What writers and readers rely on: every applied feature has a field of its type in what is
/// materialized next.
Result<> check_whole(const Database& database, const Snapshot& snapshot) {
  for (const auto& view : snapshot.definitions.feature_views) {
    const auto storage = snapshot.storage.find(view.name);
    if (storage == snapshot.storage.end()) {
      return corruption(database, fmt::format("view {} has no store", view.name));
    }
    const auto& target = storage->second.target();
    const auto& stored = snapshot.schemas.at(target.schema_id).fields;
    for (const auto& feature : view.features) {
      const auto field = target.fields.find(feature.name);
      if (field == target.fields.end() ||
          std::ranges::find(stored, RowSchema::Field{.id = field->second, .type = feature.type}) ==
              stored.end()) {
        return corruption(
            database,
            fmt::format(
                "schema {} lacks feature {}:{}", target.schema_id, view.name, feature.name));
      }
    }
  }
  return {};
}

}  // namespace

Result<std::uint64_t> load_revision(Database& database) {
  PROVENDER_ASSIGN(auto row, database.query("SELECT revision FROM meta"));
  PROVENDER_ASSIGN(const bool has_row, row.next());
  if (!has_row) return corruption(database, "the table meta is empty");
  return row.number<std::uint64_t>(0);
}

Result<Snapshot> load_snapshot(Database& database) {
  Snapshot snapshot;
  PROVENDER_ASSIGN(snapshot.revision, load_revision(database));
  PROVENDER_ASSIGN(auto meta, database.query("SELECT registry_id FROM meta"));
  PROVENDER_TRY(meta.next());
  snapshot.registry_id = meta.text(0);
  PROVENDER_TRY(load_version(database, snapshot));

  PROVENDER_ASSIGN(auto schemas, load_schemas(database));
  PROVENDER_ASSIGN(const auto stores, load_stores(database, snapshot.dead_stores));
  for (const auto& [view, by_state] : stores) {
    PROVENDER_ASSIGN(snapshot.storage[view], assemble(database, view, by_state, schemas));
  }
  for (auto& [id, named] : schemas) {
    snapshot.schemas[id] = std::move(named.schema);
  }
  PROVENDER_TRY(check_whole(database, snapshot));
  return snapshot;
}

Result<Definitions> load_definitions(Database& database, std::uint64_t version) {
  PROVENDER_ASSIGN(auto row,
                   database.query("SELECT definitions FROM versions WHERE version = ?", version));
  PROVENDER_ASSIGN(const bool has_row, row.next());
  if (!has_row) {
    return Error(ErrorCode::NotFound,
                 fmt::format("version {} was never applied: see `provender history`", version));
  }
  return parse(database, version, row.text(0));
}

}  // namespace provender::registry::sqlite

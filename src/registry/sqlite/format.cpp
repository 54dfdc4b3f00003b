#include "registry/sqlite/format.hpp"

#include <random>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::registry::sqlite {
namespace {

// docs/format/registry.md explains the tables. AUTOINCREMENT, because an id must never come back:
// rows in the online store outlive what they refer to.
constexpr const char* kTables = R"sql(
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  registry_id TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE TABLE versions (
  version INTEGER PRIMARY KEY,
  applied_at INTEGER NOT NULL,
  applied_by TEXT NOT NULL,
  summary TEXT NOT NULL,
  definitions TEXT NOT NULL
) STRICT;
CREATE TABLE entity_sets (
  entity_set INTEGER PRIMARY KEY AUTOINCREMENT CHECK (entity_set BETWEEN 1 AND 4294967295),
  keys TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE fields (
  view TEXT NOT NULL,
  field INTEGER NOT NULL CHECK (field BETWEEN 1 AND 65535),
  feature TEXT NOT NULL,
  type TEXT NOT NULL,
  PRIMARY KEY (view, field)
) STRICT, WITHOUT ROWID;
CREATE TABLE schemas (
  schema_id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (schema_id BETWEEN 1 AND 4294967295),
  view TEXT NOT NULL
) STRICT;
CREATE TABLE schema_fields (
  schema_id INTEGER NOT NULL REFERENCES schemas,
  position INTEGER NOT NULL,
  field INTEGER NOT NULL,
  PRIMARY KEY (schema_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE stores (
  store_id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (store_id BETWEEN 1 AND 4294967295),
  view TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('serving', 'building', 'dead')),
  entity_set INTEGER NOT NULL REFERENCES entity_sets,
  schema_id INTEGER NOT NULL REFERENCES schemas,
  dead_since INTEGER,
  CHECK ((state = 'dead') = (dead_since IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX live_stores ON stores (view, state) WHERE state <> 'dead';
CREATE TABLE store_schemas (
  store_id INTEGER NOT NULL REFERENCES stores,
  schema_id INTEGER NOT NULL REFERENCES schemas,
  PRIMARY KEY (store_id, schema_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  holder TEXT,
  fencing INTEGER NOT NULL,
  length INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  view TEXT NOT NULL,
  store_id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  end INTEGER NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  rows_read INTEGER NOT NULL,
  rows_written INTEGER NOT NULL,
  rows_kept INTEGER NOT NULL,
  rows_skipped INTEGER NOT NULL,
  watermark INTEGER,
  error TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_view ON runs (view, id);
)sql";

struct Identity {
  std::int64_t application_id;
  std::int64_t format;
  std::int64_t tables;

  bool is_empty() const { return application_id == 0 && format == 0 && tables == 0; }
};

Result<std::int64_t> number(Database& database, std::string_view sql) {
  PROVENDER_ASSIGN(auto statement, database.query(sql));
  PROVENDER_TRY(statement.next());
  return statement.integer(0);
}

/// Within a transaction, or a file that is being created would look half-made.
Result<Identity> identify(Database& database) {
  Identity identity{};
  PROVENDER_ASSIGN(identity.application_id, number(database, "PRAGMA application_id"));
  PROVENDER_ASSIGN(identity.format, number(database, "PRAGMA user_version"));
  PROVENDER_ASSIGN(identity.tables, number(database, "SELECT count(*) FROM sqlite_schema"));
  return identity;
}

Result<> check(const Database& database, const Identity& identity) {
  if (identity.application_id != kApplicationId) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("registry {}: this SQLite database belongs to another program (application id "
                    "{:#x}, expected "
                    "{:#x}): correct the path, or move the file away; it was left as it is",
                    database.path().native(),
                    identity.application_id,
                    kApplicationId));
  }
  if (identity.format != kFormat) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format(
            "registry {}: format {}, but this build reads format {}: use a {} version of Provender",
            database.path().native(),
            identity.format,
            kFormat,
            identity.format > kFormat ? "newer" : "matching"));
  }
  return {};
}

std::string random_id() {
  std::random_device source;
  std::string id;
  for (int i = 0; i < 4; ++i) {
    id += fmt::format("{:08x}", source());
  }
  return id;
}

Result<> make_tables(Database& database) {
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database));
  PROVENDER_ASSIGN(const auto identity, identify(database));
  // Another process may have been faster.
  if (!identity.is_empty()) return check(database, identity);
  PROVENDER_TRY(database.run_script(kTables));
  PROVENDER_TRY(database.run("INSERT INTO meta VALUES (1, ?, 0)", random_id()));
  PROVENDER_TRY(database.run(fmt::format("PRAGMA application_id = {}", kApplicationId)));
  PROVENDER_TRY(database.run(fmt::format("PRAGMA user_version = {}", kFormat)));
  return transaction.commit();
}

Result<Identity> identify_whole(Database& database) {
  PROVENDER_ASSIGN(auto transaction, Transaction::read(database));
  return identify(database);
}

}  // namespace

Result<> prepare_registry(Database& database, bool create) {
  // EXTRA also syncs the folder after the journal is gone: a switched store id must not come back
  // after a loss of power, since its rows may have been swept by then.
  PROVENDER_TRY(database.run_script(
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA synchronous = EXTRA;"));
  PROVENDER_ASSIGN(const auto identity, identify_whole(database));
  if (!identity.is_empty()) return check(database, identity);
  if (create) return make_tables(database);
  return Error(ErrorCode::NotFound,
               fmt::format("registry {}: the file is empty: run `provender apply` first",
                           database.path().native()));
}

}  // namespace provender::registry::sqlite

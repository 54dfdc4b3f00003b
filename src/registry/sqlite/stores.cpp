#include "registry/sqlite/stores.hpp"

#include "base/try.hpp"

namespace provender::registry::sqlite {
namespace {

std::string_view text(StoreState state) {
  return state == StoreState::Serving ? "serving" : "building";
}

}  // namespace

Result<> Stores::add(const NewStore& store) {
  PROVENDER_TRY(
      database_.run("INSERT INTO stores (view, state, entity_set, schema_id) VALUES (?, ?, ?, ?)",
                    store.view,
                    text(store.state),
                    store.entity_set,
                    store.schema_id));
  return database_.run(
      "INSERT INTO store_schemas VALUES (?, ?)", database_.last_id(), store.schema_id);
}

Result<> Stores::set_schema(const std::string& view, StoreState state, std::uint32_t schema_id) {
  PROVENDER_TRY(database_.run("UPDATE stores SET schema_id = ? WHERE view = ? AND state = ?",
                              schema_id,
                              view,
                              text(state)));
  return database_.run(
      "INSERT OR IGNORE INTO store_schemas "
      "SELECT store_id, schema_id FROM stores WHERE view = ? AND state = ?",
      view,
      text(state));
}

Result<> Stores::retire(const std::string& view, StoreState state) {
  PROVENDER_TRY(
      database_.run("DELETE FROM store_schemas WHERE store_id IN "
                    "(SELECT store_id FROM stores WHERE view = ? AND state = ?)",
                    view,
                    text(state)));
  return database_.run(
      "UPDATE stores SET state = 'dead', dead_since = ? WHERE view = ? AND state = ?",
      now_,
      view,
      text(state));
}

Result<> Stores::promote(const std::string& view) {
  PROVENDER_TRY(retire(view, StoreState::Serving));
  return database_.run("UPDATE stores SET state = 'serving' WHERE view = ? AND state = 'building'",
                       view);
}

Result<> Stores::touch() {
  return database_.run("UPDATE meta SET revision = revision + 1");
}

}  // namespace provender::registry::sqlite

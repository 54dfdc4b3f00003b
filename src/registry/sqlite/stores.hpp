#pragma once

#include <cstdint>
#include <string>

#include "registry/sqlite/database.hpp"

namespace provender::registry::sqlite {

/// A view has one serving store, and a building one at times.
enum class StoreState : std::uint8_t { Serving, Building };

/// A generation of a view's rows that begins.
struct NewStore {
  const std::string& view;
  StoreState state;
  std::uint32_t entity_set;
  std::uint32_t schema_id;
};

/// The table of store ids. Each function is a step of a caller's transaction.
class Stores {
 public:
  /// What dies from now on has been dead since `now`.
  Stores(Database& database, Timestamp now) : database_(database), now_(now) {}

  /// Gives a store id that was never used.
  Result<> add(const NewStore& store);

  /// From now on rows of the view's store in this state are written with this schema.
  Result<> set_schema(const std::string& view, StoreState state, std::uint32_t schema_id);

  /// The view's store in this state, if there is one, is dead: its rows are to be swept.
  Result<> retire(const std::string& view, StoreState state);

  /// The building store takes the place of the serving one.
  Result<> promote(const std::string& view);

  /// Makes readers load the snapshot anew.
  Result<> touch();

 private:
  Database& database_;
  Timestamp now_;
};

}  // namespace provender::registry::sqlite

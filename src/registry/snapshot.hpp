#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/definitions.hpp"
#include "model/row_schema.hpp"

namespace provender::registry {

/// One generation of a view's rows in the online store, under a store id of its own.
struct Generation {
  std::uint32_t store_id = 0;
  std::uint32_t entity_set = 0;  ///< number of the set of join keys (names and types)
  std::uint32_t schema_id = 0;   ///< what writers write
  std::map<std::string, std::uint16_t>
      fields;  ///< feature → field id, for the features of the applied definition
  friend bool operator==(const Generation&, const Generation&) = default;
};

/// Where a view's rows are.
struct ViewStorage {
  Generation serving;  ///< what readers read
  std::optional<Generation>
      building;  ///< takes serving's place with its first complete materialization

  /// What a materialization fills.
  const Generation& target() const { return building ? *building : serving; }
  friend bool operator==(const ViewStorage&, const ViewStorage&) = default;
};

/// A store id whose rows nobody should read any more.
struct DeadStore {
  std::uint32_t store_id = 0;
  std::string view;
  Timestamp since;  ///< readers need a moment to notice
};

/// The registry at one moment: immutable, shared by all readers.
struct Snapshot {
  std::uint64_t version = 0;  ///< applied version, from 1; 0: nothing applied yet
  std::uint64_t revision =
      0;  ///< grows with each change that readers must see (applies, switched store ids)
  std::string registry_id;  ///< random, made with the registry: an online folder belongs to one
  Timestamp applied_at;
  Definitions definitions;                     ///< every key type resolved
  std::map<std::string, ViewStorage> storage;  ///< by view
  std::unordered_map<std::uint32_t, RowSchema>
      schemas;                         ///< of all generations, older ones of the same store too
  std::vector<DeadStore> dead_stores;  ///< to sweep
};

}  // namespace provender::registry

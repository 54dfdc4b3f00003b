#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "oracle.hpp"

#include "model/definitions.hpp"
#include "model/selection.hpp"
#include "offline/duckdb/test_project.hpp"

namespace provender::oracle {

struct SpineRow {
  std::vector<Value> keys;  ///< in the order of the selection's keys
  std::optional<Timestamp> t;
  Value label;
};

/// Definitions, their tables and a spine, made from a seed. Values are few and near each other, so
/// that ties, edges of ttl and misses are frequent.
struct RandomCase {
  std::uint64_t seed = 0;
  Definitions definitions;
  std::vector<Table> tables;  ///< per feature view
  Selection selection;
  std::vector<Type> key_types;  ///< of the selection's keys
  std::vector<SpineRow> spine;

  /// The seed, the definitions and all rows, for people.
  std::string dump() const;
};

RandomCase make_case(std::uint64_t seed);

/// Writes the sources of all views, and the spine to `spine.parquet`.
void write_case(const RandomCase& random_case, offline::TestProject& project);

}  // namespace provender::oracle

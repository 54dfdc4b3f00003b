#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "oracle.hpp"

#include "provender/historical.hpp"

#include "model/definitions.hpp"
#include "model/selection.hpp"

namespace provender::oracle {

struct SpineRow {
  std::vector<Value> keys;  ///< in the order of the selection's keys
  std::optional<Timestamp> t;
  Value label;
};

/// Definitions with one service, a table per feature view, a spine, and what is asked.
struct RandomCase {
  std::uint64_t seed = 0;
  Definitions definitions;
  std::vector<Table> tables;  ///< per feature view
  /// Per feature view: how many of the table's rows are in each of its files.
  std::vector<std::vector<std::size_t>> files;
  /// Per feature view and join key: as what it is stored.
  std::vector<std::vector<Type>> stored_keys;
  Selection selection;          ///< of the service
  std::vector<Type> key_types;  ///< of the selection's keys: as what the spine has them
  std::vector<SpineRow> spine;
  /// In place of the spine: what the views tell of a range of time, or by a time.
  std::optional<TimeRange> range;
  std::optional<Timestamp> at;
  bool strictly_before = false;
  bool known_by_created = false;
  bool with_status = true;
  int threads = 2;

  bool has_spine() const { return !range && !at; }
};

/// Makes a case from a seed. Values are few and near each other, so that ties, edges of ttl and
/// misses are frequent; rows come in random order, in order of time, with some late, or clustered.
RandomCase make_case(std::uint64_t seed);

/// The request's only service.
inline constexpr const char* kService = "s";

/// Resolves the service anew, after the definitions changed. The spine keeps what keys it has.
void select_again(RandomCase& c);

}  // namespace provender::oracle

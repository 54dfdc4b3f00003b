#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "model/column.hpp"
#include "pit/key_ids.hpp"

namespace provender::pit {

/// Numbers the entities of a spine from 0, and finds the number of a source row's key. Keys are
/// tuples: each part has its dictionary, and pairs of ids have theirs, so that (1,11) is never
/// (11,1). A key with a null in it is kNoEntity.
/// `add` and `freeze` are confined to one thread, `find` is safe for concurrent use once frozen.
class EntityIndex {
 public:
  /// At least one type, each a key type.
  explicit EntityIndex(std::span<const Type> key_types);

  /// Numbers the keys of `rows` rows: one column per part of the key; ids[i] is that of row i.
  void add(std::span<const ColumnView> keys, std::size_t rows, std::uint32_t* ids);
  /// No key may be added afterwards. Where neighbours among the keys become neighbours among the
  /// entities, they get new numbers: by old number; empty: they keep theirs.
  std::vector<std::uint32_t> freeze();
  void find(std::span<const ColumnView> keys, std::size_t rows, std::uint32_t* ids) const;

  /// Whether any key has a part `part` in [least, most], both numbers or texts as it is; once
  /// frozen. It may say yes where there is none.
  using Bound = std::variant<std::int64_t, std::string>;
  bool may_have(std::size_t part, const Bound& least, const Bound& most) const;

  /// How many entities there are.
  std::size_t size() const;

 private:
  std::vector<std::variant<IntegerIds, TextIds>> parts_;
  std::vector<IntegerIds> pairs_;  ///< (id of the parts before, id of part i + 1) → id
};

}  // namespace provender::pit

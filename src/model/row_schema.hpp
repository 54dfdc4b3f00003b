#pragma once

#include <cstdint>
#include <vector>

#include "provender/types.hpp"

namespace provender {

/// How the fields of one generation of a view's stored rows are laid out. The registry numbers
/// schemas and fields: a schema id stands for these fields forever, and a field id for one feature
/// at one type.
struct RowSchema {
  struct Field {
    std::uint16_t id;
    Type type;
    friend bool operator==(const Field&, const Field&) = default;
  };
  std::uint32_t id = 0;
  std::vector<Field> fields;
  friend bool operator==(const RowSchema&, const RowSchema&) = default;
};

/// What orders the rows of one entity (rule 1): the greatest wins. Created is the smallest int64
/// where it is null or not declared; sequence is 0 for rows of files and SQL, the push log's number
/// for pushes.
struct RowOrder {
  std::int64_t event_timestamp;    ///< microseconds
  std::int64_t created_timestamp;  ///< microseconds
  std::uint64_t sequence;
  friend auto operator<=>(const RowOrder&, const RowOrder&) = default;
};

}  // namespace provender

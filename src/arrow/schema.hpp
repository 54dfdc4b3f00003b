#pragma once

#include <span>
#include <string>

#include "arrow/abi.hpp"

#include "provender/result.hpp"
#include "provender/types.hpp"

namespace provender::arrow {

/// A column of a record batch, of one of our types.
struct Field {
  std::string name;
  Type type;
};

/// The schema of record batches with these columns, each nullable: bool, int32, int64, float32,
/// float64, utf8, binary, timestamp[us, UTC], and lists of them. ResourceExhausted: no memory.
Result<Schema> make_schema(std::span<const Field> fields);

}  // namespace provender::arrow

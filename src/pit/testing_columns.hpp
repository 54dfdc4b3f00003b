#pragma once

#include <cstdint>
#include <vector>

#include "model/column.hpp"

namespace provender::pit {

/// A column over `values`, for tests.
template <class T>
ColumnView column(Kind kind, const std::vector<T>& values, const std::uint64_t* valid = nullptr) {
  return {.type = {.kind = kind}, .size = values.size(), .validity = valid, .data = values.data()};
}

}  // namespace provender::pit

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "model/column.hpp"

/// For tests only: values, at random and as columns.
namespace provender::parquet {

inline Value random_value(std::mt19937_64& random, Kind kind) {
  const std::uint64_t bits = random();
  switch (kind) {
    case Kind::Bool:
      return {.storage = bits % 2 == 0};
    case Kind::Int32:
      return {.storage = static_cast<std::int32_t>(bits)};
    case Kind::Float32:
      return {.storage = std::bit_cast<float>(static_cast<std::uint32_t>(bits))};
    case Kind::Float64:
      return {.storage = std::bit_cast<double>(bits)};
    case Kind::String:
    case Kind::Bytes: {
      std::string text(bits % (bits % 16 == 0 ? 500 : 12), kind == Kind::Bytes ? '\xff' : 'a');
      for (char& c : text) {
        c = static_cast<char>(c - static_cast<char>(random() % 2));
      }
      if (kind == Kind::Bytes) return {.storage = Bytes{text}};
      return {.storage = text};
    }
    case Kind::Timestamp:
      return {.storage = Timestamp(Duration(static_cast<std::int64_t>(bits)))};
    default:
      return {.storage = static_cast<std::int64_t>(bits)};
  }
}

/// Values of one type, and nulls, as a column. They must outlive it.
class ValueColumn {
 public:
  ValueColumn(Kind kind, std::span<const Value> values) : kind_(kind), size_(values.size()) {
    valid_.resize(size_ / 64 + 1);
    texts_.resize(size_);
    cells_.resize(size_ * sizeof(std::int64_t));
    for (std::size_t i = 0; i < size_; ++i) {
      std::visit([&](const auto& stored) { put(i, stored); }, values[i].storage);
    }
  }

  ColumnView view() const {
    const void* const data = is_variable_length(kind_) ? static_cast<const void*>(texts_.data())
                                                       : static_cast<const void*>(cells_.data());
    return {.type = {.kind = kind_},
            .size = size_,
            .validity = nulls_ == 0 ? nullptr : valid_.data(),
            .data = data};
  }

 private:
  template <class T>
  void put(std::size_t i, const T& value) {
    if constexpr (std::is_same_v<T, std::monostate>) {
      ++nulls_;
    } else {
      valid_[i / 64] |= std::uint64_t{1} << (i % 64);
      if constexpr (std::is_same_v<T, std::string>) {
        texts_[i] = value;
      } else if constexpr (std::is_same_v<T, Bytes>) {
        texts_[i] = value.data;
      } else if constexpr (std::is_trivially_copyable_v<T>) {
        std::memcpy(cells_.data() + i * sizeof value, &value, sizeof value);
      }
    }
  }

  Kind kind_;
  std::size_t size_;
  std::size_t nulls_ = 0;
  std::vector<std::uint64_t> valid_;
  std::vector<char> cells_;
  std::vector<std::string_view> texts_;
};

}  // namespace provender::parquet

#pragma once

#include <cstring>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "model/column.hpp"

/// Columns made of single values, to feed code that takes ColumnView.
namespace provender::codec {

/// A column that owns its memory. Not movable: the view points into it.
class ValueColumn {
 public:
  ValueColumn(Type type, std::vector<Value> values) : values_(std::move(values)) {
    view_.type = type;
    view_.size = values_.size();
    validity_.assign(values_.size() / 64 + 1, 0);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i].is_null()) validity_[i / 64] |= std::uint64_t{1} << (i % 64);
    }
    view_.validity = validity_.data();
    type.is_list ? fill_lists(type.kind) : fill(type.kind);
  }
  ValueColumn(const ValueColumn&) = delete;
  ValueColumn& operator=(const ValueColumn&) = delete;
  ~ValueColumn() = default;

  const ColumnView& view() const { return view_; }

 private:
  template <class Stored, class Cell = Stored>
  void fill_with(auto convert) {
    bytes_.assign(values_.size() * sizeof(Cell), '\x5A');  // nulls lie over undefined bytes
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (values_[i].is_null()) continue;
      const Cell cell = convert(std::get<Stored>(values_[i].storage));
      std::memcpy(bytes_.data() + i * sizeof cell, &cell, sizeof cell);
    }
    view_.data = bytes_.data();
  }

  void fill(Kind kind) {
    const auto same = [](const auto& v) { return v; };
    switch (kind) {
      case Kind::Bool:
        return fill_with<bool, std::uint8_t>(same);
      case Kind::Int32:
        return fill_with<std::int32_t>(same);
      case Kind::Int64:
        return fill_with<std::int64_t>(same);
      case Kind::Float32:
        return fill_with<float>(same);
      case Kind::Float64:
        return fill_with<double>(same);
      case Kind::String:
        return fill_with<std::string, std::string_view>(
            [](const std::string& v) { return std::string_view(v); });
      case Kind::Bytes:
        return fill_with<Bytes, std::string_view>(
            [](const Bytes& v) { return std::string_view(v.data); });
      case Kind::Timestamp:
        return fill_with<Timestamp, std::int64_t>(
            [](Timestamp v) { return std::int64_t{v.time_since_epoch().count()}; });
    }
  }

  void fill_lists(Kind kind) {
    std::vector<Value> elements;
    fill_with<ValueList, ColumnView::ListEntry>([&](const ValueList& list) {
      const ColumnView::ListEntry entry{.offset = elements.size(), .length = list.size()};
      elements.insert(elements.end(), list.begin(), list.end());
      return entry;
    });
    view_.elements = &elements_.emplace_back(Type{kind}, std::move(elements)).view();
  }

  ColumnView view_;
  std::vector<Value> values_;
  std::vector<std::uint64_t> validity_;
  std::string bytes_;
  std::deque<ValueColumn> elements_;
};

/// One row's values as columns of length one.
class ValueRow {
 public:
  ValueRow(std::initializer_list<std::pair<Type, Value>> cells)
      : ValueRow(std::vector<std::pair<Type, Value>>(cells)) {}
  explicit ValueRow(const std::vector<std::pair<Type, Value>>& cells) {
    for (const auto& [type, value] : cells) {
      views_.push_back(columns_.emplace_back(type, std::vector<Value>{value}).view());
    }
  }

  const std::vector<ColumnView>& columns() const { return views_; }

 private:
  std::deque<ValueColumn> columns_;
  std::vector<ColumnView> views_;
};

}  // namespace provender::codec

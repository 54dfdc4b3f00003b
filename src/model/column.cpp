#include "model/column.hpp"

namespace provender {
namespace {

Value list_at(const ColumnView& column, std::size_t row) {
  const auto entry = column.at<ColumnView::ListEntry>(row);
  ValueList elements;
  elements.reserve(entry.length);
  for (std::uint64_t i = 0; i < entry.length; ++i) {
    elements.push_back(value_at(*column.elements, entry.offset + i));
  }
  return {std::move(elements)};
}

}  // namespace

Value value_at(const ColumnView& column, std::size_t row) {
  if (column.is_null(row)) return {};
  return column.type.is_list ? list_at(column, row) : to_value(scalar_at(column, row));
}

ValueView scalar_at(const ColumnView& column, std::size_t row) {
  if (column.is_null(row)) return ValueView::null(column.type);
  switch (column.type.kind) {
    case Kind::Bool:
      return ValueView(column.at<std::uint8_t>(row) != 0);
    case Kind::Int32:
      return ValueView(column.at<std::int32_t>(row));
    case Kind::Int64:
      return ValueView(column.at<std::int64_t>(row));
    case Kind::Float32:
      return ValueView(column.at<float>(row));
    case Kind::Float64:
      return ValueView(column.at<double>(row));
    case Kind::String:
    case Kind::Bytes:
      return {column.type.kind, column.at<std::string_view>(row)};
    case Kind::Timestamp:
      return ValueView(Timestamp(Duration(column.at<std::int64_t>(row))));
  }
  return ValueView::null(column.type);
}

}  // namespace provender

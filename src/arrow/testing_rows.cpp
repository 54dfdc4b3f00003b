#include "arrow/testing_rows.hpp"

#include <algorithm>

#include "arrow/owned_view.hpp"
#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::arrow {
namespace {

Result<Kind> kind_of(const ArrowSchema& schema) {
  const std::string_view format = schema.format;
  if (format == "b") return Kind::Bool;
  if (format == "i") return Kind::Int32;
  if (format == "l") return Kind::Int64;
  if (format == "f") return Kind::Float32;
  if (format == "g") return Kind::Float64;
  if (format == "u") return Kind::String;
  if (format == "z") return Kind::Bytes;
  if (format == "tsu:UTC" || format == "tsu:") return Kind::Timestamp;
  return Error(ErrorCode::InvalidArgument,
               fmt::format("column '{}' has the format '{}'", schema.name, format));
}

Result<Type> type_of(const ArrowSchema& schema) {
  const bool is_list = std::string_view(schema.format) == "+l";
  PROVENDER_ASSIGN(const Kind kind, kind_of(is_list ? *schema.children[0] : schema));
  return Type{.kind = kind, .is_list = is_list};
}

Value value_at(const ArrowArrayView& view, Type type, std::int64_t row) {
  if (ArrowArrayViewIsNull(&view, row) != 0) return {};
  if (type.is_list) {
    ValueList out;
    const Type element{.kind = type.kind};
    const std::int64_t end = ArrowArrayViewListChildOffset(&view, row + 1);
    for (std::int64_t i = ArrowArrayViewListChildOffset(&view, row); i < end; ++i) {
      out.push_back(value_at(*view.children[0], element, i));
    }
    return {std::move(out)};
  }
  const auto text = [&] {
    const ArrowStringView found = ArrowArrayViewGetStringUnsafe(&view, row);
    return std::string(found.data, static_cast<std::size_t>(found.size_bytes));
  };
  switch (type.kind) {
    case Kind::Bool:
      return {ArrowArrayViewGetIntUnsafe(&view, row) != 0};
    case Kind::Int32:
      return {static_cast<std::int32_t>(ArrowArrayViewGetIntUnsafe(&view, row))};
    case Kind::Int64:
      return {std::int64_t{ArrowArrayViewGetIntUnsafe(&view, row)}};
    case Kind::Float32:
      return {static_cast<float>(ArrowArrayViewGetDoubleUnsafe(&view, row))};
    case Kind::Float64:
      return {ArrowArrayViewGetDoubleUnsafe(&view, row)};
    case Kind::String:
      return {text()};
    case Kind::Bytes:
      return {Bytes{text()}};
    case Kind::Timestamp:
      break;
  }
  return {Timestamp(Duration(ArrowArrayViewGetIntUnsafe(&view, row)))};
}

std::size_t width_of(Kind kind) {
  if (is_variable_length(kind)) return 0;
  if (kind == Kind::Bool) return 1;
  return kind == Kind::Int32 || kind == Kind::Float32 ? 4 : 8;
}

/// An element as it lies in a list; of a null its room.
std::string bytes_of(const Value& element, Kind kind) {
  return std::visit(
      [&]<class T>(const T& v) -> std::string {
        if constexpr (std::is_same_v<T, std::string>) {
          return v;
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return v.data;
        } else if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, ValueList>) {
          return std::string(width_of(kind), '\0');
        } else {
          return {reinterpret_cast<const char*>(&v), sizeof v};
        }
      },
      element.storage);
}

}  // namespace

ListView list_of(const std::vector<Value>& elements, Kind kind, ListBytes& bytes) {
  for (std::size_t i = 0; i < elements.size(); ++i) {
    bytes.data += bytes_of(elements[i], kind);
    if (!elements[i].is_null()) bytes.validity |= static_cast<std::uint8_t>(1U << i);
    const auto end = static_cast<std::uint32_t>(bytes.data.size());
    bytes.ends.append(reinterpret_cast<const char*>(&end), sizeof end);
  }
  return ListView({.kind = kind,
                   .size = static_cast<std::uint32_t>(elements.size()),
                   .validity = &bytes.validity,
                   .ends = bytes.ends.data(),
                   .data = bytes.data.data()});
}

std::vector<Value> Table::column(std::string_view name) const {
  std::vector<Value> out;
  const auto found = std::ranges::find(fields, name, &Field::name);
  if (found == fields.end()) return out;
  for (const auto& row : rows) {
    out.push_back(row[static_cast<std::size_t>(found - fields.begin())]);
  }
  return out;
}

Result<Table> read_all(BatchReader& reader) {
  Table out;
  const ArrowSchema& schema = reader.schema();
  for (std::int64_t i = 0; i < schema.n_children; ++i) {
    PROVENDER_ASSIGN(const Type type, type_of(*schema.children[i]));
    out.fields.push_back({.name = schema.children[i]->name, .type = type});
  }
  OwnedView view;
  PROVENDER_TRY(view.init(schema));
  while (true) {
    PROVENDER_ASSIGN(const Array batch, reader.next());
    if (!batch) return out;
    ++out.batches;
    PROVENDER_TRY(view.set(batch.get()));
    for (std::int64_t row = 0; row < batch->length; ++row) {
      std::vector<Value>& values = out.rows.emplace_back();
      for (std::size_t c = 0; c < out.fields.size(); ++c) {
        values.push_back(value_at(*view.get().children[c], out.fields[c].type, row));
      }
    }
  }
}

}  // namespace provender::arrow

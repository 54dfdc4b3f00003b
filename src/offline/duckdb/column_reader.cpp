#include "offline/duckdb/column_reader.hpp"

#include <algorithm>
#include <cstring>

#include "offline/duckdb/handle.hpp"

namespace provender::offline {
namespace {

std::size_t width_of(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return 1;
    case Kind::Int32:
    case Kind::Float32:
      return 4;
    default:
      return 8;
  }
}

std::string_view text_of(const duckdb_string_t& text) {
  const std::uint32_t length = text.value.inlined.length;
  return {length <= 12 ? text.value.inlined.inlined : text.value.pointer.ptr, length};
}

static_assert(sizeof(ColumnView::ListEntry) == sizeof(duckdb_list_entry));

}  // namespace

ColumnView ColumnReader::read(duckdb_vector vector,
                              std::size_t rows,
                              const RowSelection* selection) {
  view_ = {.type = type_, .size = selection == nullptr ? rows : selection->size()};
  read_validity(vector, rows, selection);
  if (!type_.is_list && is_variable_length(type_.kind)) {
    read_texts(vector, selection);
    return view_;
  }
  if (type_.is_list) read_elements(vector);
  view_.data = duckdb_vector_get_data(vector);
  if (selection == nullptr) return view_;

  const std::size_t width = type_.is_list ? sizeof(duckdb_list_entry) : width_of(type_.kind);
  words_.resize((view_.size * width + 7) / 8);
  const char* from = static_cast<const char*>(view_.data);
  char* to = reinterpret_cast<char*>(words_.data());
  for (const std::uint32_t row : *selection) {
    std::memcpy(to, from + row * width, width);
    to += width;
  }
  view_.data = words_.data();
  return view_;
}

void ColumnReader::read_validity(duckdb_vector vector,
                                 std::size_t rows,
                                 const RowSelection* selection) {
  const std::uint64_t* bits = validity_of(vector, rows);
  view_.validity = bits;
  if (bits == nullptr || selection == nullptr) return;
  validity_.assign((selection->size() + 63) / 64, 0);
  for (std::size_t i = 0; i < selection->size(); ++i) {
    const std::uint32_t row = (*selection)[i];
    validity_[i / 64] |= ((bits[row / 64] >> (row % 64)) & 1) << (i % 64);
  }
  view_.validity = validity_.data();
}

void ColumnReader::read_texts(duckdb_vector vector, const RowSelection* selection) {
  const auto* from = static_cast<const duckdb_string_t*>(duckdb_vector_get_data(vector));
  texts_.clear();
  texts_.reserve(view_.size);
  for (std::size_t i = 0; i < view_.size; ++i) {
    // The slot of a null may hold anything.
    const std::size_t row = selection == nullptr ? i : (*selection)[i];
    texts_.push_back(view_.is_null(i) ? std::string_view{} : text_of(from[row]));
  }
  view_.data = texts_.data();
}

void ColumnReader::read_elements(duckdb_vector vector) {
  if (!element_reader_) element_reader_ = std::make_unique<ColumnReader>(Type{.kind = type_.kind});
  elements_ = element_reader_->read(duckdb_list_vector_get_child(vector),
                                    duckdb_list_vector_get_size(vector));
  view_.elements = &elements_;
}

const std::uint64_t* validity_of(duckdb_vector vector, std::size_t rows) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  const std::uint64_t* const bits = duckdb_vector_get_validity(vector);
  if (bits == nullptr) return nullptr;
  if (!std::all_of(bits, bits + rows / 64, [](std::uint64_t word) { return word == kAll; })) {
    return bits;
  }
  const std::uint64_t behind = kAll << (rows % 64);  // none of them are rows
  return rows % 64 == 0 || (bits[rows / 64] | behind) == kAll ? nullptr : bits;
}

std::optional<Type> type_of(duckdb_logical_type logical) {
  switch (duckdb_get_type_id(logical)) {
    case DUCKDB_TYPE_BOOLEAN:
      return Type{.kind = Kind::Bool};
    case DUCKDB_TYPE_INTEGER:
      return Type{.kind = Kind::Int32};
    case DUCKDB_TYPE_BIGINT:
      return Type{.kind = Kind::Int64};
    case DUCKDB_TYPE_FLOAT:
      return Type{.kind = Kind::Float32};
    case DUCKDB_TYPE_DOUBLE:
      return Type{.kind = Kind::Float64};
    case DUCKDB_TYPE_VARCHAR:
      return Type{.kind = Kind::String};
    case DUCKDB_TYPE_BLOB:
      return Type{.kind = Kind::Bytes};
    case DUCKDB_TYPE_TIMESTAMP:
      return Type{.kind = Kind::Timestamp};
    case DUCKDB_TYPE_LIST: {
      const LogicalTypeHandle child(duckdb_list_type_child_type(logical));
      auto element = type_of(child.get());
      if (!element || element->is_list) return std::nullopt;
      element->is_list = true;
      return element;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace provender::offline

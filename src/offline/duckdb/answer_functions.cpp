#include "offline/duckdb/answer_functions.hpp"

#include <atomic>
#include <cstring>
#include <span>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::offline {
namespace {

using pit::Answers;
using pit::ValueStore;

static_assert(sizeof(pit::Text) == sizeof(duckdb_string_t));
static_assert(pit::Text::kInline == sizeof(duckdb_string_t::value.inlined.inlined));

duckdb_type type_id(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return DUCKDB_TYPE_BOOLEAN;
    case Kind::Int32:
      return DUCKDB_TYPE_INTEGER;
    case Kind::Int64:
      return DUCKDB_TYPE_BIGINT;
    case Kind::Float32:
      return DUCKDB_TYPE_FLOAT;
    case Kind::Float64:
      return DUCKDB_TYPE_DOUBLE;
    case Kind::String:
      return DUCKDB_TYPE_VARCHAR;
    case Kind::Bytes:
      return DUCKDB_TYPE_BLOB;
    case Kind::Timestamp:
      return DUCKDB_TYPE_TIMESTAMP;
  }
  return DUCKDB_TYPE_INVALID;
}

/// Rows whose values are brought into the cache before their turn: they lie all over memory.
constexpr std::size_t kAhead = 32;

/// The places of the asked rows, and what stands there.
class Places {
 public:
  Places(const AnswerFunctions::Feature& feature, duckdb_data_chunk input)
      : rows_(static_cast<const std::int64_t*>(
            duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)))),
        first_row_(feature.first_row),
        places_(feature.answers->places),
        values_(feature.store->values()) {}

  std::uint32_t operator[](std::size_t i) const {
    const auto row = static_cast<std::size_t>(rows_[i] - first_row_);
    return row < places_.size() ? places_[row] : Answers::kNotFound;
  }
  /// Whether there is a value at a place.
  bool has_value(std::uint32_t place) const {
    return place < Answers::kOutsideMaxAge && !values_.is_null(place);
  }
  const char* cell(std::uint32_t place) const { return values_.cell(place); }
  /// Brings the value at a place into the cache.
  void prefetch(std::uint32_t place) const {
    if (place >= Answers::kOutsideMaxAge) return;
    // It may lie in two lines: what says whether it is null is at its end.
    __builtin_prefetch(cell(place));
    __builtin_prefetch(values_.null_byte(place));
  }

 private:
  const std::int64_t* rows_;
  std::int64_t first_row_;
  std::span<const std::uint32_t> places_;
  ValueStore::Values values_;
};

/// Marks null rows, which are few or many: the mask is made with the first.
class NullRows {
 public:
  explicit NullRows(duckdb_vector output) : output_(output) {}

  void mark(std::size_t row) {
    if (mask_ == nullptr) {
      duckdb_vector_ensure_validity_writable(output_);
      mask_ = duckdb_vector_get_validity(output_);
    }
    mask_[row / 64] &= ~(std::uint64_t{1} << (row % 64));
  }

 private:
  duckdb_vector output_;
  std::uint64_t* mask_ = nullptr;
};

/// `places` is a copy, so that what is written cannot change it.
template <std::size_t Width>
void copy_cells(Places places, std::size_t rows, duckdb_vector output) {
  char* const to = static_cast<char*>(duckdb_vector_get_data(output));
  NullRows nulls(output);
  for (std::size_t i = 0; i < rows; ++i) {
    if (i + kAhead < rows) places.prefetch(places[i + kAhead]);
    const std::uint32_t place = places[i];
    if (places.has_value(place)) {
      std::memcpy(to + i * Width, places.cell(place), Width);
    } else {
      nulls.mark(i);
    }
  }
}

std::size_t sum_of_lengths(const std::vector<pit::ListCell>& cells) {
  std::size_t out = 0;
  for (const pit::ListCell& cell : cells) {
    out += cell.length;
  }
  return out;
}

void copy_lists(const ValueStore& store,
                const Places& places,
                std::size_t rows,
                duckdb_vector output) {
  auto* const entries = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(output));
  NullRows nulls(output);
  std::vector<pit::ListCell> cells(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint32_t place = places[i];
    if (places.has_value(place)) {
      std::memcpy(&cells[i], places.cell(place), sizeof(pit::ListCell));
    } else {
      nulls.mark(i);
    }
  }
  const std::size_t elements = sum_of_lengths(cells);
  duckdb_list_vector_reserve(output, elements);
  duckdb_list_vector_set_size(output, elements);
  const duckdb_vector child = duckdb_list_vector_get_child(output);
  const std::size_t width = pit::cell_width(store.type().kind);
  char* to = static_cast<char*>(duckdb_vector_get_data(child));
  NullRows null_elements(child);
  std::size_t at = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    entries[i] = {.offset = at, .length = cells[i].length};
    if (cells[i].length == 0) continue;
    std::memcpy(to + at * width, cells[i].elements(), cells[i].length * width);
    for (std::size_t e = 0; e < cells[i].length; ++e) {
      if (cells[i].valid()[e] == 0) null_elements.mark(at + e);
    }
    at += cells[i].length;
  }
}

/// Called by DuckDB.
void give_values(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& feature =
      *static_cast<const AnswerFunctions::Feature*>(duckdb_scalar_function_get_extra_info(info));
  const ValueStore& store = *feature.store;
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  if (feature.progress != nullptr) feature.progress->add(rows);
  const Places places(feature, input);
  if (store.type().is_list) return copy_lists(store, places, rows, output);
  switch (store.width()) {
    case 1:
      return copy_cells<1>(places, rows, output);
    case 4:
      return copy_cells<4>(places, rows, output);
    case 8:
      return copy_cells<8>(places, rows, output);
    default:  // texts: what they point to outlives the query
      return copy_cells<16>(places, rows, output);
  }
}

Status status_of(const Places& places, std::uint32_t place) {
  if (place == Answers::kNotFound) return Status::NotFound;
  if (place == Answers::kOutsideMaxAge) return Status::OutsideMaxAge;
  return places.has_value(place) ? Status::Present : Status::NullValue;
}

/// Called by DuckDB.
void give_status(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& feature =
      *static_cast<const AnswerFunctions::Feature*>(duckdb_scalar_function_get_extra_info(info));
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  const Places places(feature, input);
  char* const to = static_cast<char*>(duckdb_vector_get_data(output));
  for (std::size_t i = 0; i < rows; ++i) {
    const pit::Text text(to_string(status_of(places, places[i])));
    std::memcpy(to + i * sizeof(text), &text, sizeof(text));
  }
}

using FunctionHandle = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;

}  // namespace

LogicalTypeHandle logical_type(Type type) {
  LogicalTypeHandle scalar(duckdb_create_logical_type(type_id(type.kind)));
  if (!type.is_list) return scalar;
  return LogicalTypeHandle(duckdb_create_list_type(scalar.get()));
}

Result<std::string> AnswerFunctions::add_value(const Answers& answers, const ValueStore& store) {
  return add({.answers = &answers,
              .store = &store,
              .first_row = first_row_,
              .progress = features_.empty() ? &progress_ : nullptr},
             store.type(),
             give_values);
}

Result<std::string> AnswerFunctions::add_status(const Answers& answers, const ValueStore& store) {
  return add({.answers = &answers, .store = &store, .first_row = first_row_, .progress = nullptr},
             {.kind = Kind::String},
             give_status);
}

Result<std::string> AnswerFunctions::add(const Feature& feature,
                                         Type type,
                                         duckdb_scalar_function_t function) {
  PROVENDER_ASSIGN(const duckdb_connection raw, connection_.get());
  features_.push_back(feature);
  std::string name = fmt::format("provender_answer_{}_{}", first_row_, features_.size());
  const FunctionHandle handle(duckdb_create_scalar_function());
  const LogicalTypeHandle given = logical_type(type);
  const LogicalTypeHandle bigint(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_scalar_function_set_name(handle.get(), name.c_str());
  duckdb_scalar_function_add_parameter(handle.get(), bigint.get());
  duckdb_scalar_function_set_return_type(handle.get(), given.get());
  duckdb_scalar_function_set_extra_info(handle.get(), &features_.back(), nullptr);
  duckdb_scalar_function_set_function(handle.get(), function);
  if (duckdb_register_scalar_function(raw, handle.get()) != DuckDBSuccess) {
    return Error(ErrorCode::Internal, "DuckDB takes no function");
  }
  return name;
}

}  // namespace provender::offline

#include "offline/duckdb/answer_functions.hpp"

#include <atomic>
#include <cstring>

#include <fmt/format.h>

#include "base/try.hpp"
#include "pit/answer_cells.hpp"

namespace provender::offline {
namespace {

using pit::AnswerCells;
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

/// Which rows of the spine are asked about.
class AskedRows {
 public:
  AskedRows(const AnswerFunctions::Feature& feature, duckdb_data_chunk input)
      : rows_(static_cast<const std::int64_t*>(
            duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)))),
        first_row_(feature.first_row) {}

  std::size_t operator()(std::size_t i) const {
    return static_cast<std::size_t>(rows_[i] - first_row_);
  }

 private:
  const std::int64_t* rows_;
  std::int64_t first_row_;
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

void copy_cells(const AnswerCells& cells,
                const AskedRows& asked,
                std::size_t rows,
                duckdb_vector output) {
  NullRows nulls(output);
  cells.copy(rows, asked, static_cast<char*>(duckdb_vector_get_data(output)), [&](std::size_t row) {
    nulls.mark(row);
  });
}

std::size_t sum_of_lengths(const std::vector<pit::ListCell>& cells) {
  std::size_t out = 0;
  for (const pit::ListCell& cell : cells) {
    out += cell.length;
  }
  return out;
}

void copy_lists(Kind kind,
                const AnswerCells& answers,
                const AskedRows& asked,
                std::size_t rows,
                duckdb_vector output) {
  auto* const entries = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(output));
  NullRows nulls(output);
  std::vector<pit::ListCell> cells(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint32_t place = answers.place(asked(i));
    if (answers.has_value(place)) {
      std::memcpy(&cells[i], answers.cell(place), sizeof(pit::ListCell));
    } else {
      nulls.mark(i);
    }
  }
  const std::size_t elements = sum_of_lengths(cells);
  duckdb_list_vector_reserve(output, elements);
  duckdb_list_vector_set_size(output, elements);
  const duckdb_vector child = duckdb_list_vector_get_child(output);
  const std::size_t width = pit::cell_width(kind);
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
  const AnswerCells cells(*feature.answers, store);
  const AskedRows asked(feature, input);
  if (store.type().is_list) return copy_lists(store.type().kind, cells, asked, rows, output);
  copy_cells(cells, asked, rows, output);
}

/// Called by DuckDB.
void give_status(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& feature =
      *static_cast<const AnswerFunctions::Feature*>(duckdb_scalar_function_get_extra_info(info));
  const std::size_t rows = duckdb_data_chunk_get_size(input);
  const AnswerCells cells(*feature.answers, *feature.store);
  const AskedRows asked(feature, input);
  char* const to = static_cast<char*>(duckdb_vector_get_data(output));
  for (std::size_t i = 0; i < rows; ++i) {
    const pit::Text text(to_string(cells.status(cells.place(asked(i)))));
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

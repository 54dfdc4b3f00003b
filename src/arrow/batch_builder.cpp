#include "arrow/batch_builder.hpp"

#include <limits>
#include <new>

#include "arrow/nanoarrow_error.hpp"
#include <fmt/format.h>
#include <nanoarrow/nanoarrow.h>

#include "base/try.hpp"

namespace provender::arrow {
namespace {

void must(ArrowErrorCode failure) {
  if (failure != NANOARROW_OK) throw std::bad_alloc();
}

template <class T>
void append_raw(ArrowBuffer* buffer, T value) {
  must(ArrowBufferAppend(buffer, &value, sizeof value));
}

}  // namespace

ColumnBuilder::ColumnBuilder(ArrowArray& array, Type type)
    : array_(&array),
      type_(type),
      validity_(ArrowArrayValidityBitmap(&array)),
      data_(ArrowArrayBuffer(&array, 1)) {
  if (type.is_list) {
    elements_ = std::make_unique<ColumnBuilder>(*array.children[0], Type{.kind = type.kind});
    ends_ = std::exchange(data_, nullptr);
  } else if (is_variable_length(type.kind)) {
    ends_ = std::exchange(data_, ArrowArrayBuffer(&array, 2));
  }
  if (ends_ != nullptr) append_raw(ends_, std::int32_t{0});
}

void ColumnBuilder::reserve(std::size_t rows) {
  constexpr std::size_t kWidest = 8;
  const auto room = static_cast<std::int64_t>(rows * kWidest);
  if (ends_ != nullptr) must(ArrowBufferReserve(ends_, room / 2));
  if (data_ != nullptr) must(ArrowBufferReserve(data_, room));
}

/// There are validity bits from the first null on.
void ColumnBuilder::end_row(bool is_valid) {
  if (nulls_ == 0 && !is_valid) must(ArrowBitmapAppend(validity_, 1, rows_));
  nulls_ += is_valid ? 0 : 1;
  if (nulls_ > 0) {
    if (rows_ % 8 == 0) append_raw(&validity_->buffer, std::uint8_t{0});
    ArrowBitSetTo(validity_->buffer.data, rows_, is_valid ? 1 : 0);
    validity_->size_bits = rows_ + 1;
  }
  ++rows_;
}

void ColumnBuilder::copy(const ColumnBuilder& filled) {
  const auto copy_buffer = [](ArrowBuffer* to, const ArrowBuffer& from) {
    must(ArrowBufferAppend(to, from.data, from.size_bytes));
  };
  copy_buffer(data_, *filled.data_);
  copy_buffer(&validity_->buffer, filled.validity_->buffer);
  validity_->size_bits = filled.validity_->size_bits;
  rows_ = filled.rows_;
  nulls_ = filled.nulls_;
}

template <class T>
void ColumnBuilder::append_fixed(T value) {
  append_raw(data_, value);
  end_row(true);
}

void ColumnBuilder::append_bool(bool value) {
  if (rows_ % 8 == 0) append_raw(data_, std::uint8_t{0});
  if (value) ArrowBitSet(data_->data, rows_);
}

void ColumnBuilder::append_bytes(std::string_view bytes) {
  must(ArrowBufferAppend(data_, bytes.data(), static_cast<std::int64_t>(bytes.size())));
  end_ += static_cast<std::int64_t>(bytes.size());
  append_raw(ends_, static_cast<std::int32_t>(end_));
  end_row(true);
}

void ColumnBuilder::append_list(const ListView& list) {
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    elements_->append(ValueView::element(list, i));
  }
  end_ += list.size();
  append_raw(ends_, static_cast<std::int32_t>(end_));
  end_row(true);
}

void ColumnBuilder::append_text(std::string_view text) {
  append_bytes(text);
}

void ColumnBuilder::append_timestamp(Timestamp time) {
  append_fixed<std::int64_t>(time.time_since_epoch().count());
}

void ColumnBuilder::append_null() {
  if (ends_ != nullptr) {
    append_raw(ends_, static_cast<std::int32_t>(end_));
  } else if (type_.kind == Kind::Bool) {
    append_bool(false);
  } else if (type_.kind == Kind::Int32 || type_.kind == Kind::Float32) {
    append_raw(data_, std::int32_t{0});
  } else {
    append_raw(data_, std::int64_t{0});
  }
  end_row(false);
}

void ColumnBuilder::append(const ValueView& value) {
  if (value.is_null()) return append_null();
  if (type_.is_list) return append_list(value.get<ListView>());
  switch (type_.kind) {
    case Kind::Bool:
      append_bool(value.get<bool>());
      return end_row(true);
    case Kind::Int32:
      return append_fixed(value.get<std::int32_t>());
    case Kind::Int64:
      return append_fixed(value.get<std::int64_t>());
    case Kind::Float32:
      return append_fixed(value.get<float>());
    case Kind::Float64:
      return append_fixed(value.get<double>());
    case Kind::String:
    case Kind::Bytes:
      return append_bytes(value.get<std::string_view>());
    case Kind::Timestamp:
      return append_timestamp(value.get<Timestamp>());
  }
}

Result<> ColumnBuilder::finish(const std::string& name) {
  if (end_ > std::numeric_limits<std::int32_t>::max()) {
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("column '{}' has more than 2 GiB, or 2^31 elements of lists, in one "
                             "batch: ask for fewer rows",
                             name));
  }
  if (elements_) PROVENDER_TRY(elements_->finish(name));
  array_->length = rows_;
  array_->null_count = nulls_;
  return {};
}

Result<BatchBuilder> BatchBuilder::create(const ArrowSchema& schema,
                                          std::span<const Field> fields) {
  BatchBuilder out;
  PROVENDER_TRY(checked(ArrowArrayInitFromSchema(out.array_.out(), &schema, nullptr)));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    out.names_.push_back(fields[i].name);
    out.columns_.emplace_back(*out.array_->children[i], fields[i].type);
  }
  return out;
}

Result<Array> BatchBuilder::finish() {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    PROVENDER_TRY(columns_[i].finish(names_[i]));
  }
  array_->length = columns_.empty() ? 0 : columns_.front().rows_;
  array_->null_count = 0;
  PROVENDER_TRY(
      checked(ArrowArrayFinishBuilding(array_.out(), NANOARROW_VALIDATION_LEVEL_NONE, nullptr)));
  return std::move(array_);
}

}  // namespace provender::arrow

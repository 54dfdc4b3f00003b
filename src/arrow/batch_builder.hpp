#pragma once

#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "arrow/abi.hpp"
#include "arrow/schema.hpp"

#include "provender/value.hpp"

struct ArrowBitmap;
struct ArrowBuffer;

namespace provender::arrow {

/// Fills one column of a record batch, row after row. Appending allocates only to grow, and throws
/// std::bad_alloc where it cannot. Confined to one thread.
class ColumnBuilder {
 public:
  ColumnBuilder(ArrowArray& array, Type type);

  /// Makes room for so many rows.
  void reserve(std::size_t rows);
  /// A value of the column's type, or a null.
  void append(const ValueView& value);
  void append_null();
  /// A value of a column of strings.
  void append_text(std::string_view text);
  void append_timestamp(Timestamp time);
  /// The rows of `filled`, a column of the same type that has no lists and no texts; this one is
  /// empty.
  void copy(const ColumnBuilder& filled);

 private:
  friend class BatchBuilder;
  void append_list(const ListView& list);
  void append_bytes(std::string_view bytes);
  void append_bool(bool value);
  template <class T>
  void append_fixed(T value);
  void end_row(bool is_valid);
  /// ResourceExhausted: more bytes or elements than 32-bit offsets can tell.
  Result<> finish(const std::string& name);

  ArrowArray* array_;
  Type type_;
  ArrowBitmap* validity_;
  ArrowBuffer* data_;            ///< of lists: none
  ArrowBuffer* ends_ = nullptr;  ///< of strings, bytes and lists
  std::int64_t rows_ = 0;
  std::int64_t nulls_ = 0;
  std::int64_t end_ = 0;  ///< of the last value in data_, or in elements_
  std::unique_ptr<ColumnBuilder> elements_;
};

/// Makes a record batch of columns of our types.
class BatchBuilder {
 public:
  /// ResourceExhausted: no memory.
  static Result<BatchBuilder> create(const ArrowSchema& schema, std::span<const Field> fields);

  /// In the order of the fields; all are given the same number of rows.
  ColumnBuilder& column(std::size_t index) { return columns_[index]; }
  /// The batch; the builder is empty then, and done. ResourceExhausted: a column has more bytes or
  /// elements than a batch can have (2 GiB).
  Result<Array> finish();

 private:
  BatchBuilder() = default;

  Array array_;
  std::vector<std::string> names_;
  std::deque<ColumnBuilder> columns_;
};

}  // namespace provender::arrow

#include "arrow/whole_microseconds.hpp"

#include "arrow/owned_view.hpp"
#include <fmt/format.h>
#include <nanoarrow/nanoarrow.h>

#include "base/try.hpp"

namespace provender::arrow {
namespace {

constexpr std::int64_t kNanosecondsPerMicrosecond = 1000;

/// Naive timestamps keep their nanoseconds.
bool loses_nanoseconds(std::string_view format) {
  return format == "ttn" || format == "tDn" || (format.starts_with("tsn:") && format.size() > 4);
}

/// The first value that is no whole number of microseconds: its place in the column, else -1.
std::int64_t find_part(const ArrowSchema& schema, const ArrowArrayView& column) {
  if (schema.dictionary != nullptr) return find_part(*schema.dictionary, *column.dictionary);
  for (std::int64_t i = 0; i < column.n_children; ++i) {
    const std::int64_t found = find_part(*schema.children[i], *column.children[i]);
    if (found >= 0) return found;
  }
  if (!loses_nanoseconds(schema.format)) return -1;
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (ArrowArrayViewIsNull(&column, row) != 0) continue;
    if (ArrowArrayViewGetIntUnsafe(&column, row) % kNanosecondsPerMicrosecond != 0) return row;
  }
  return -1;
}

class WholeMicroseconds final : public BatchReader {
 public:
  explicit WholeMicroseconds(std::unique_ptr<BatchReader> reader) : reader_(std::move(reader)) {}

  const ArrowSchema& schema() const override { return reader_->schema(); }

  Result<Array> next() override {
    PROVENDER_ASSIGN(Array out, reader_->next());
    if (!out) return out;
    OwnedView view;
    PROVENDER_TRY(view.init(schema()));
    PROVENDER_TRY(view.set(out.get()));
    for (std::int64_t i = 0; i < schema().n_children; ++i) {
      PROVENDER_TRY(check(*schema().children[i], *view.get().children[i]));
    }
    rows_ += out->length;
    return out;
  }

 private:
  Result<> check(const ArrowSchema& schema, const ArrowArrayView& column) const {
    const std::int64_t found = find_part(schema, column);
    if (found < 0) return {};
    const bool is_row = loses_nanoseconds(schema.format);  // and not an element of one
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("column '{}'{}: a time has nanoseconds, and what is kept ends at "
                             "microseconds: round it first",
                             schema.name == nullptr ? "" : schema.name,
                             is_row ? fmt::format(", row {}", rows_ + found + 1) : ""));
  }

  std::unique_ptr<BatchReader> reader_;
  std::int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<BatchReader> in_whole_microseconds(std::unique_ptr<BatchReader> reader) {
  return std::make_unique<WholeMicroseconds>(std::move(reader));
}

}  // namespace provender::arrow

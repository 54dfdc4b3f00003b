#pragma once

#include "arrow/nanoarrow_error.hpp"
#include <nanoarrow/nanoarrow.h>

#include "provender/result.hpp"

namespace provender::arrow {

/// A view of batches of one schema. Confined to one thread.
class OwnedView {
 public:
  OwnedView() { ArrowArrayViewInitFromType(&view_, NANOARROW_TYPE_UNINITIALIZED); }
  OwnedView(const OwnedView&) = delete;
  OwnedView& operator=(const OwnedView&) = delete;
  ~OwnedView() { ArrowArrayViewReset(&view_); }

  Result<> init(const ArrowSchema& schema) {
    ArrowError error{};
    return outcome(ArrowArrayViewInitFromSchema(&view_, &schema, &error), error);
  }
  /// InvalidArgument: the batch is not of the schema, or its buffers are too short.
  Result<> set(const ArrowArray& batch) {
    ArrowError error{};
    return outcome(ArrowArrayViewSetArray(&view_, &batch, &error), error);
  }
  /// Checks each offset and index.
  Result<> check() {
    ArrowError error{};
    return outcome(ArrowArrayViewValidate(&view_, NANOARROW_VALIDATION_LEVEL_FULL, &error), error);
  }
  ArrowArrayView& get() { return view_; }

 private:
  static Result<> outcome(ArrowErrorCode failure, const ArrowError& error) {
    if (failure == NANOARROW_OK) return {};
    return to_error(failure, error, ErrorCode::InvalidArgument);
  }

  ArrowArrayView view_{};
};

}  // namespace provender::arrow

#pragma once

#include <cstdint>
#include <span>

#include "arrow/abi.hpp"

#include "provender/result.hpp"

struct ArrowArrayView;

/// What is checked of batches that come from outside, beyond what nanoarrow checks.
namespace provender::arrow {

/// Whether each buffer that the message of a batch (a verified flatbuffer) names lies within its
/// body, and begins where its values may. InvalidArgument otherwise; nanoarrow's own sums of the
/// two numbers can overflow.
Result<> check_buffers(std::span<const std::uint8_t> message, std::int64_t body_size);

/// Whether all text in a batch is UTF-8. The offsets in it were checked before.
Result<> check_text(const ArrowSchema& schema, const ArrowArrayView& batch);

}  // namespace provender::arrow

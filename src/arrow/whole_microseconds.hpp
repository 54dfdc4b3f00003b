#pragma once

#include <memory>

#include "arrow/batch_reader.hpp"

namespace provender::arrow {

/// Reads what `reader` reads, for one who keeps zoned timestamps, times of day and durations in
/// microseconds: a value with nanoseconds below that is InvalidArgument, which names column and
/// row.
std::unique_ptr<BatchReader> in_whole_microseconds(std::unique_ptr<BatchReader> reader);

}  // namespace provender::arrow

#pragma once

#include <memory>

#include "arrow/batch_reader.hpp"

namespace provender::arrow {

/// A stream of what `reader` reads, for other libraries; errors are their messages there. Confined
/// to one thread at a time.
Stream export_stream(std::unique_ptr<BatchReader> reader);

}  // namespace provender::arrow

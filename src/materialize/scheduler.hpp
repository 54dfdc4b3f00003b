#pragma once

#include "materialize/materializer.hpp"

namespace provender::materialize {

/// Materializes each view when its cadence says so, until `control.stop`. Of all processes that
/// share the registry one leads; the others wait to take over. A view that fails is tried again
/// after 10 s, then twice as long each time up to 10 min. With `once`: what is due now, then
/// returns its runs, failed and skipped ones included.
Result<std::vector<Run>> run(const Stores& stores, bool once, const Control& control);

}  // namespace provender::materialize

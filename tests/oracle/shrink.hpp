#pragma once

#include <functional>

#include "random_case.hpp"

namespace provender::oracle {

/// Makes a case that fails as small as can be by leaving things out, one kind after the other, as
/// long as it still fails: views, rows of the spine and of tables, features, options.
RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails);

}  // namespace provender::oracle

#pragma once

#include <cstddef>

namespace provender::parquet {

/// How much memory is asked for where `size` bytes are needed now, and later ones may need a little
/// more: what is not used costs none. Where the address sanitizer looks on, no more than is needed.
inline std::size_t with_room(std::size_t size, std::size_t step) {
#ifdef PROVENDER_EXACT_MEMORY
  step = 1;
#endif
  return (size + step - 1) / step * step;
}

}  // namespace provender::parquet

#include <cstdint>
#include <string_view>

#include "arrow/batch_reader.hpp"

// An Arrow IPC file or stream, as a spine may bring it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace provender;
  const auto reader = arrow::read_ipc({reinterpret_cast<const char*>(data), size});
  if (!reader) return 0;
  while (true) {
    const auto batch = (*reader)->next();
    if (!batch || !*batch) return 0;
  }
}

#include <cstdint>
#include <string_view>

#include "definitions/document.hpp"

/// Any bytes are either definitions or problems.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  provender::definitions::Loaded loaded;
  std::vector<provender::Problem> problems;
  provender::definitions::read_document(
      {reinterpret_cast<const char*>(data), size}, "fuzz.yaml", loaded, problems);
  provender::definitions::add_named_entities(loaded, problems);
  return 0;
}

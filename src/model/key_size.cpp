#include "model/key_size.hpp"

#include <algorithm>
#include <string_view>

namespace provender {
namespace {

/// A zero byte is written as two, and two end a text.
std::size_t text_size(std::string_view text) {
  return text.size() + static_cast<std::size_t>(std::ranges::count(text, '\0')) + 2;
}

}  // namespace

std::size_t encoded_key_size(std::span<const ColumnView> parts, std::size_t row) {
  std::size_t size = 0;
  for (const ColumnView& part : parts) {
    if (part.is_null(row)) continue;
    switch (part.type.kind) {
      case Kind::Bool:
        size += 1;
        break;
      case Kind::Int32:
        size += sizeof(std::int32_t);
        break;
      case Kind::Int64:
      case Kind::Timestamp:
        size += sizeof(std::int64_t);
        break;
      case Kind::String:
      case Kind::Bytes:
        size += text_size(part.at<std::string_view>(row));
        break;
      case Kind::Float32:
      case Kind::Float64:
        break;  // excluded by the precondition
    }
  }
  return size;
}

}  // namespace provender

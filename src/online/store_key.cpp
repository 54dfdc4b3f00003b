#include "online/store_key.hpp"

#include <fmt/format.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"

namespace provender::online {

bool is_storable_key(std::string_view key) noexcept {
  return !key.empty() && key.size() <= kMaxKeySize;
}

Result<> check_rows(std::span<const WriteRow> rows) {
  for (const WriteRow& row : rows) {
    if (!is_storable_key(row.key)) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("an entity key takes {} bytes; a store holds keys of 1 to {}",
                               row.key.size(),
                               kMaxKeySize));
    }
    if (row.row.size() < codec::kOrderSize) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("a row has {} bytes, fewer than the {} that order it",
                               row.row.size(),
                               codec::kOrderSize));
    }
  }
  return {};
}

}  // namespace provender::online

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "provender/result.hpp"

#include "online/lmdb/sync_file.hpp"

/// The record in a store that says what it is; it lies before all rows.
namespace provender::online::lmdb {

inline constexpr std::string_view kHeaderKey{"\0", 1};
inline constexpr std::uint32_t kStoreFormat = 1;

struct StoreHeader {
  std::uint32_t format = kStoreFormat;
  std::string project;
  std::string registry_id;
  Id store{};  ///< of this store and no other; the file `synced` carries it too
};

/// Lines of `name value`. InvalidArgument if the project or the registry's id has a line break.
Result<std::string> encode_header(const StoreHeader& header);

/// FailedPrecondition where `text` is no such header, or one of a newer format.
Result<StoreHeader> decode_header(std::string_view text);

}  // namespace provender::online::lmdb

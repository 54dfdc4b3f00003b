#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "parquet/footer.hpp"

namespace provender::parquet {

/// Unpacks pages. Confined to one thread.
class Decompressor {
 public:
  Decompressor();
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// Whether `from` unpacks to exactly `size` bytes at `to`; what is there otherwise is undefined.
  [[nodiscard]] bool unpack(Codec codec, std::string_view from, char* to, std::size_t size);

 private:
  struct Zstd;
  std::unique_ptr<Zstd> zstd_;
};

}  // namespace provender::parquet

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "parquet/decompressor.hpp"

namespace provender::parquet {

/// Packs pages by zstd. Confined to one thread.
class Compressor {
 public:
  explicit Compressor(int level);
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  /// Valid until the next call.
  std::string_view pack(std::string_view from);

 private:
  struct Zstd;
  std::unique_ptr<Zstd> zstd_;
};

}  // namespace provender::parquet

#include "parquet/compressor.hpp"

#include <new>

#include <zstd.h>

namespace provender::parquet {

/// What it works with.
struct Compressor::Zstd {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  int level;
  std::unique_ptr<char[]> bytes;  // NOLINT(modernize-avoid-c-arrays): not filled first
  std::size_t capacity = 0;

  explicit Zstd(int wanted) : level(wanted) {
    if (context == nullptr) throw std::bad_alloc();
  }
  ~Zstd() { ZSTD_freeCCtx(context); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
};

Compressor::Compressor(int level) : zstd_(std::make_unique<Zstd>(level)) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

std::string_view Compressor::pack(std::string_view from) {
  Zstd& zstd = *zstd_;
  const std::size_t most = ZSTD_compressBound(from.size());
  if (most > zstd.capacity) {
    zstd.bytes = std::make_unique_for_overwrite<char[]>(most);  // NOLINT(modernize-avoid-c-arrays)
    zstd.capacity = most;
  }
  const std::size_t size = ZSTD_compressCCtx(
      zstd.context, zstd.bytes.get(), zstd.capacity, from.data(), from.size(), zstd.level);
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // where there is room, nothing else fails
  return {zstd.bytes.get(), size};
}

}  // namespace provender::parquet

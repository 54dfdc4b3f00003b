#include "parquet/decompressor.hpp"

#include <cstring>
#include <new>

#include <snappy.h>
#include <zstd.h>

namespace provender::parquet {

/// What it works with, which is as large as a page's window.
struct Decompressor::Zstd {
  ZSTD_DCtx* context = ZSTD_createDCtx();

  Zstd() {
    if (context == nullptr) throw std::bad_alloc();
  }
  ~Zstd() { ZSTD_freeDCtx(context); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
};

Decompressor::Decompressor() = default;
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

bool Decompressor::unpack(Codec codec, std::string_view from, char* to, std::size_t size) {
  switch (codec) {
    case Codec::None:
      if (from.size() != size) return false;
      if (size > 0) std::memcpy(to, from.data(), size);
      return true;
    case Codec::Snappy: {
      std::size_t unpacked = 0;
      return snappy::GetUncompressedLength(from.data(), from.size(), &unpacked) &&
             unpacked == size && snappy::RawUncompress(from.data(), from.size(), to);
    }
    case Codec::Zstd:
      if (!zstd_) zstd_ = std::make_unique<Zstd>();
      return ZSTD_decompressDCtx(zstd_->context, to, size, from.data(), from.size()) == size;
  }
  return false;
}

}  // namespace provender::parquet

#include "parquet/hybrid_decoder.hpp"

#include <algorithm>

#include "base/endian.hpp"

namespace provender::parquet {

std::optional<std::uint64_t> HybridDecoder::run_header() {
  std::uint64_t out = 0;
  for (int shift = 0; shift <= 28 && at_ != end_; shift += 7) {
    const auto byte = static_cast<std::uint8_t>(*at_++);
    out |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return out;
  }
  return std::nullopt;
}

bool HybridDecoder::begin_run() {
  const auto fail = [&] {
    at_ = end_;  // and so for good
    return false;
  };
  while (left_ == 0) {
    const auto found = run_header();
    if (!found) return fail();
    const std::uint64_t header = *found;
    const auto bytes = static_cast<std::uint64_t>(end_ - at_);
    is_packed_ = (header & 1) != 0;
    if (is_packed_) {
      // In groups of eight; of the last one some writers leave out what nobody reads.
      const std::uint64_t groups = header >> 1;
      const std::uint64_t size = std::min(groups * bits_, bytes);
      left_ = bits_ == 0 ? groups * 8 : size * 8 / bits_;
      if (groups != 0 && left_ == 0) return fail();
      packed_ = at_;
      next_ = 0;
      at_ += size;
      continue;
    }
    const std::uint32_t width = (bits_ + 7) / 8;
    if (bytes < width) return fail();
    repeated_ = 0;
    for (std::uint32_t i = 0; i < width; ++i) {
      repeated_ |= std::uint32_t{static_cast<std::uint8_t>(at_[i])} << (8 * i);
    }
    if (std::uint64_t{repeated_} >> bits_ != 0) return fail();
    at_ += width;
    left_ = header >> 1;
  }
  return true;
}

std::uint32_t HybridDecoder::packed(std::uint64_t place) const {
  const std::uint64_t bit = place * bits_;
  const std::uint64_t word = load_le<std::uint64_t>(packed_ + bit / 8) >> (bit % 8);
  return static_cast<std::uint32_t>(word & ((std::uint64_t{1} << bits_) - 1));
}

bool HybridDecoder::read(std::size_t count, std::uint32_t* out) {
  while (count > 0) {
    if (left_ == 0 && !begin_run()) return false;
    const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(count, left_));
    if (is_packed_) {
      for (std::size_t i = 0; i < some; ++i) {
        out[i] = packed(next_ + i);
      }
      next_ += some;
    } else {
      std::fill_n(out, some, repeated_);
    }
    out += some;
    count -= some;
    left_ -= some;
  }
  return true;
}

bool HybridDecoder::read(std::size_t count,
                         std::span<const std::uint32_t> some,
                         std::uint32_t* out) {
  for (std::size_t done = 0; done < count;) {
    if (left_ == 0 && !begin_run()) return false;
    const auto run = static_cast<std::size_t>(std::min<std::uint64_t>(count - done, left_));
    std::size_t i = 0;
    for (; i < some.size() && some[i] < done + run; ++i) {
      out[i] = is_packed_ ? packed(next_ + (some[i] - done)) : repeated_;
    }
    some = some.subspan(i);
    out += i;
    next_ += run;
    left_ -= run;
    done += run;
  }
  return true;
}

bool HybridDecoder::skip(std::size_t count) {
  return read(count, {}, nullptr);
}

bool HybridDecoder::is_run_of(std::uint32_t number, std::size_t count) {
  return (left_ > 0 || begin_run()) && !is_packed_ && left_ >= count && repeated_ == number;
}

}  // namespace provender::parquet

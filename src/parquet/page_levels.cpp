#include "parquet/page_levels.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "parquet/hybrid_decoder.hpp"

namespace provender::parquet {
namespace {

/// Levels that are decoded at once, in whole words.
constexpr std::size_t kLevels = 1024;

}  // namespace

bool PageLevels::read(std::string_view levels, std::size_t rows) {
  has_nulls_ = false;
  HybridDecoder decoder(levels, 1);
  if (decoder.is_run_of(1, rows)) return true;
  valid_.assign((rows + 63) / 64, 0);
  std::array<std::uint32_t, kLevels> numbers{};
  std::size_t values = 0;
  for (std::size_t row = 0; row < rows; row += kLevels) {
    const std::size_t some = std::min(kLevels, rows - row);
    if (!decoder.read(some, numbers.data())) return false;
    for (std::size_t i = 0; i < some; ++i) {
      valid_[(row + i) / 64] |= std::uint64_t{numbers[i]} << (i % 64);
      values += numbers[i];
    }
  }
  has_nulls_ = values < rows;
  return true;
}

std::size_t PageLevels::count_values(std::size_t first, std::size_t rows) const {
  if (!has_nulls_) return rows;
  std::size_t out = 0;
  for (std::size_t at = first; at < first + rows;) {
    const std::size_t some = std::min(64 - at % 64, first + rows - at);
    const std::uint64_t word = valid_[at / 64] >> (at % 64);
    out += static_cast<std::size_t>(
        std::popcount(some == 64 ? word : word & ((std::uint64_t{1} << some) - 1)));
    at += some;
  }
  return out;
}

Places PageLevels::choose(std::size_t first, Places rows) {
  value_places_.clear();
  validity_.assign((rows.size() + 63) / 64, 0);
  std::uint32_t row = 0;
  std::uint32_t values = 0;  // before it
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (; row < rows[i]; ++row) {
      values += bit_at(valid_, first + row) ? 1U : 0U;
    }
    if (!bit_at(valid_, first + row)) continue;
    value_places_.push_back(values);
    validity_[i / 64] |= std::uint64_t{1} << (i % 64);
  }
  return value_places_;
}

}  // namespace provender::parquet

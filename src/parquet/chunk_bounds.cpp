#include "parquet/chunk_bounds.hpp"

#include <algorithm>
#include <cmath>

#include "base/endian.hpp"

namespace provender::parquet {
namespace {

template <class T>
std::string bytes_of(T value) {
  std::string out;
  append_le(out, value);
  return out;
}

}  // namespace

template <class T>
void ChunkBounds::add_integers(std::span<const T> values) {
  if (values.empty()) return;
  T least = values.front();
  T most = values.front();
  for (const T value : values) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  least_integer_ = has_values_ ? std::min<std::int64_t>(least_integer_, least) : least;
  most_integer_ = has_values_ ? std::max<std::int64_t>(most_integer_, most) : most;
  has_values_ = true;
}

template <class T>
void ChunkBounds::add_floats(std::span<const T> values) {
  if (values.empty()) return;
  T least = values.front();
  T most = values.front();
  bool has_nan = false;
  for (const T value : values) {
    least = value < least ? value : least;
    most = value > most ? value : most;
    has_nan |= std::isnan(value);
  }
  if (has_nan) has_order_ = false;
  least_float_ = has_values_ ? std::min<double>(least_float_, least) : least;
  most_float_ = has_values_ ? std::max<double>(most_float_, most) : most;
  has_values_ = true;
}

void ChunkBounds::add(std::string_view text) {
  if (text.size() > kLongestText) has_order_ = false;
  if (!has_order_) return;
  if (!has_values_ || text < least_text_) least_text_ = text;
  if (!has_values_ || text > most_text_) most_text_ = text;
  has_values_ = true;
}

Statistics ChunkBounds::statistics(Physical physical) const {
  if (!has_values_ || !has_order_) return {};
  const auto both = [](std::string least, std::string most) {
    return Statistics{.nulls = {}, .least = std::move(least), .most = std::move(most)};
  };
  // Readers take -0.0 and 0.0 for different values, or for the same one.
  const double least = least_float_ == 0 ? -0.0 : least_float_;
  const double most = most_float_ == 0 ? 0.0 : most_float_;
  switch (physical) {
    case Physical::Bool:
      return both(bytes_of(static_cast<std::uint8_t>(least_integer_)),
                  bytes_of(static_cast<std::uint8_t>(most_integer_)));
    case Physical::Int32:
      return both(bytes_of(static_cast<std::int32_t>(least_integer_)),
                  bytes_of(static_cast<std::int32_t>(most_integer_)));
    case Physical::Int64:
      return both(bytes_of(least_integer_), bytes_of(most_integer_));
    case Physical::Float:
      return both(bytes_of(static_cast<float>(least)), bytes_of(static_cast<float>(most)));
    case Physical::Double:
      return both(bytes_of(least), bytes_of(most));
    case Physical::Bytes:
      return both(least_text_, most_text_);
  }
  return {};
}

template void ChunkBounds::add_integers(std::span<const std::uint8_t>);
template void ChunkBounds::add_integers(std::span<const std::int32_t>);
template void ChunkBounds::add_integers(std::span<const std::int64_t>);
template void ChunkBounds::add_floats(std::span<const float>);
template void ChunkBounds::add_floats(std::span<const double>);

}  // namespace provender::parquet

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "parquet/footer.hpp"

namespace provender::parquet {

/// The least and the greatest value of a chunk, as a footer has them. Confined to one thread.
class ChunkBounds {
 public:
  /// Of longer texts nothing is said.
  static constexpr std::size_t kLongestText = 64;

  /// Of bools as std::uint8_t, which are 0 or 1.
  void add(std::span<const std::uint8_t> values) { add_integers(values); }
  void add(std::span<const std::int32_t> values) { add_integers(values); }
  void add(std::span<const std::int64_t> values) { add_integers(values); }
  void add(std::span<const float> values) { add_floats(values); }
  void add(std::span<const double> values) { add_floats(values); }
  void add(std::string_view text);

  /// Without them where there is no value, or one has no order (NaN).
  Statistics statistics(Physical physical) const;

 private:
  template <class T>
  void add_integers(std::span<const T> values);
  template <class T>
  void add_floats(std::span<const T> values);

  bool has_values_ = false;
  bool has_order_ = true;
  // Of one of the three, by type:
  std::int64_t least_integer_ = 0;
  std::int64_t most_integer_ = 0;
  double least_float_ = 0;
  double most_float_ = 0;
  std::string least_text_;
  std::string most_text_;
};

}  // namespace provender::parquet

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provender::parquet {

/// Gives the same number to the same bytes, of a text or of a number, as long as there is room.
/// Confined to one thread.
class ValueDictionary {
 public:
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  /// `most_bytes`: of all values together.
  explicit ValueDictionary(std::size_t most_bytes) : most_bytes_(most_bytes) {}

  void clear();
  /// nullopt: it is a new one, for which there is no room, or there are `most_values` already.
  std::optional<std::uint32_t> find_or_add(std::string_view value, std::size_t most_values);

  /// By number.
  std::span<const std::string_view> values() const { return values_; }
  /// Of all of them together.
  std::size_t bytes() const { return bytes_; }

 private:
  /// A value by its ends, which of a short one are all of it.
  struct Ends {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    std::size_t size = 0;

    bool operator==(const Ends&) const = default;
  };

  static Ends ends_of(std::string_view value);
  static std::uint64_t hash_of(const Ends& ends, std::string_view value);
  std::size_t slot_of(const Ends& ends, std::string_view value) const;
  void grow();

  std::size_t most_bytes_;
  std::vector<std::uint32_t> slots_;  ///< number + 1 by hash, open addressing; 0: free
  int shift_ = 0;                     ///< 64 - log2 of how many slots there are
  std::vector<Ends> ends_;            ///< by number
  std::vector<std::string_view> values_;
  std::deque<std::string> held_;  ///< what they are of
  std::size_t bytes_ = 0;
};

}  // namespace provender::parquet

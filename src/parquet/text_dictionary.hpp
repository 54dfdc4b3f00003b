#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace provender::parquet {

/// Gives the same number to the same text, as long as there are few. Confined to one thread.
class TextDictionary {
 public:
  /// Many texts, or long ones, are better written as they are.
  static constexpr std::size_t kMostTexts = std::size_t{1} << 15;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;

  void clear();
  /// nullopt: it is a new one, for which there is no room.
  std::optional<std::uint32_t> find_or_add(std::string_view text);

  /// By number.
  std::span<const std::string_view> texts() const { return texts_; }

 private:
  /// A text by its ends, which of a short one are all of it.
  struct Ends {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
    std::size_t size = 0;

    bool operator==(const Ends&) const = default;
  };

  static Ends ends_of(std::string_view text);
  static std::uint64_t hash_of(const Ends& ends, std::string_view text);
  std::size_t slot_of(const Ends& ends, std::string_view text) const;
  void grow();

  std::vector<std::uint32_t> slots_;  ///< number + 1 by hash, open addressing; 0: free
  int shift_ = 0;                     ///< 64 - log2 of how many slots there are
  std::vector<Ends> ends_;            ///< by number
  std::vector<std::string_view> texts_;
  std::deque<std::string> held_;  ///< what they are of
  std::size_t bytes_ = 0;
};

}  // namespace provender::parquet

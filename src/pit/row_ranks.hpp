#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <vector>

#include "pit/large_vector.hpp"

namespace provender::pit {

/// A set of rows, each of which knows how many are before it. Bits where the rows are dense, a
/// sorted list where they are not: so it takes no more than some 32 bytes for each row added.
/// Confined to one thread.
class RowRanks {
 public:
  /// For up to `count` rows.
  explicit RowRanks(std::size_t count);

  /// Adds a row, from 0 on, if it was not there before.
  void add(std::int64_t row);
  /// Adds the rows of another one that is not finished.
  void add_all(const RowRanks& other);

  /// All rows, ascending. None is added afterwards. If a stop is requested it ends soon, with rows
  /// that are good for nothing.
  LargeVector<std::int64_t> finish(const std::stop_token& stop = {});
  /// Once finished: the place of a row that was added.
  std::size_t rank(std::int64_t row) const;

 private:
  static constexpr int kWordBits = 6;
  static constexpr int kPageBits = 12;
  /// 64 rows, and how many there are before them.
  struct Word {
    std::uint64_t rows = 0;
    std::uint64_t before = 0;  ///< once finished
  };
  using Page = std::array<Word, std::size_t{1} << (kPageBits - kWordBits)>;
  /// Where in pages_ a page is.
  struct Entry {
    std::int64_t number = -1;  ///< its rows by its size; -1: none
    std::size_t place = 0;
  };

  static std::size_t word_of(std::int64_t row);
  static std::uint64_t bit_of(std::int64_t row);
  std::size_t entry_of(std::int64_t number) const;
  /// The word of a row; null: there is no room for it, so that rows are a list from now on.
  Word* word_at(std::int64_t row);
  void add_word(std::uint64_t bits, std::int64_t row);
  void grow();
  void make_sparse();
  /// Calls `work` for each word of `ranks` and its first row, ascending.
  template <class Ranks, class Work>
  static void for_words(Ranks& ranks, Work work);
  LargeVector<std::int64_t> sort(const std::stop_token& stop);

  std::size_t most_pages_;
  LargeVector<Page> pages_;
  std::vector<Entry> entries_;  ///< by hash: a power of two, linear probing
  int shift_;                   ///< 64 - log2 of their number
  bool is_sparse_ = false;
  LargeVector<std::int64_t> rows_;  ///< sparse: as they come, and sorted once finished
};

}  // namespace provender::pit

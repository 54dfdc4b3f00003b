#include "pit/row_ranks.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <tuple>

#include "pit/parts.hpp"
#include "pit/radix_sort.hpp"

namespace provender::pit {
namespace {

/// What a row may take while it is sorted.
constexpr std::size_t kBytesPerRow = 2 * sizeof(Keyed);
constexpr std::size_t kFirstEntries = 64;

/// Calls `work` for the rows of a word, whose first would be `row`.
template <class Work>
void for_bits(std::uint64_t bits, std::int64_t row, Work work) {
  for (; bits != 0; bits &= bits - 1) {
    work(row + std::countr_zero(bits));
  }
}

}  // namespace

RowRanks::RowRanks(std::size_t count)
    : most_pages_(count * kBytesPerRow / sizeof(Page)),
      entries_(kFirstEntries),
      shift_(64 - std::countr_zero(kFirstEntries)) {}

std::size_t RowRanks::word_of(std::int64_t row) {
  return static_cast<std::size_t>(row >> kWordBits) % std::tuple_size_v<Page>;
}

std::uint64_t RowRanks::bit_of(std::int64_t row) {
  return std::uint64_t{1} << (row & ((1 << kWordBits) - 1));
}

/// Where the entry of a page is, or the free one that it belongs to.
std::size_t RowRanks::entry_of(std::int64_t number) const {
  constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15ULL;
  std::size_t at = (static_cast<std::uint64_t>(number) * kGolden) >> shift_;
  while (entries_[at].number != number && entries_[at].number >= 0) {
    at = (at + 1) & (entries_.size() - 1);
  }
  return at;
}

void RowRanks::add(std::int64_t row) {
  add_word(bit_of(row), row >> kWordBits << kWordBits);
}

void RowRanks::add_all(const RowRanks& other) {
  for (const std::int64_t row : other.rows_) {
    add(row);
  }
  for_words(other, [this](const Word& word, std::int64_t row) {
    if (word.rows != 0) add_word(word.rows, row);
  });
}

/// Of a word whose first row is `row`.
void RowRanks::add_word(std::uint64_t bits, std::int64_t row) {
  if (Word* const word = is_sparse_ ? nullptr : word_at(row)) {
    word->rows |= bits;
    return;
  }
  for_bits(bits, row, [this](std::int64_t found) { rows_.push_back(found); });
}

RowRanks::Word* RowRanks::word_at(std::int64_t row) {
  const std::int64_t number = row >> kPageBits;
  std::size_t entry = entry_of(number);
  if (entries_[entry].number < 0) {
    if (pages_.size() == most_pages_) {
      make_sparse();
      return nullptr;
    }
    if ((pages_.size() + 1) * 2 > entries_.size()) {
      grow();
      entry = entry_of(number);
    }
    entries_[entry] = {.number = number, .place = pages_.size()};
    pages_.emplace_back();
  }
  return &pages_[entries_[entry].place][word_of(row)];
}

void RowRanks::grow() {
  std::vector<Entry> old(entries_.size() * 2);
  old.swap(entries_);
  --shift_;
  for (const Entry& entry : old) {
    if (entry.number >= 0) entries_[entry_of(entry.number)] = entry;
  }
}

/// The rows added so far as a list.
void RowRanks::make_sparse() {
  is_sparse_ = true;
  for_words(*this, [this](const Word& word, std::int64_t row) {
    for_bits(word.rows, row, [this](std::int64_t found) { rows_.push_back(found); });
  });
  LargeVector<Page>().swap(pages_);
  std::vector<Entry>().swap(entries_);
}

template <class Ranks, class Work>
void RowRanks::for_words(Ranks& ranks, Work work) {
  std::vector<Entry> pages;
  std::ranges::copy_if(
      ranks.entries_, std::back_inserter(pages), [](const Entry& e) { return e.number >= 0; });
  std::ranges::sort(pages, {}, &Entry::number);
  for (const Entry& page : pages) {
    std::int64_t row = page.number << kPageBits;
    for (auto& word : ranks.pages_[page.place]) {
      work(word, row);
      row += std::int64_t{1} << kWordBits;
    }
  }
}

LargeVector<std::int64_t> RowRanks::finish(const std::stop_token& stop) {
  if (is_sparse_) return sort(stop);
  LargeVector<std::int64_t> out;
  std::size_t count = 0;
  for_words(*this, [&](const Word& word, std::int64_t) {
    count += static_cast<std::size_t>(std::popcount(word.rows));
  });
  out.reserve(count);
  for_words(*this, [&](Word& word, std::int64_t row) {
    word.before = out.size();
    for_bits(word.rows, row, [&](std::int64_t found) { out.push_back(found); });
  });
  return out;
}

LargeVector<std::int64_t> RowRanks::sort(const std::stop_token& stop) {
  LargeVector<Keyed> keyed;
  keyed.reserve(rows_.size());
  for (const std::int64_t row : rows_) {
    keyed.push_back({.key = static_cast<std::uint64_t>(row), .value = 0});
  }
  rows_.clear();
  if (!radix_sort(keyed, stop)) return {};
  for (const Keyed& row : keyed) {
    const auto number = static_cast<std::int64_t>(row.key);
    if (rows_.empty() || rows_.back() != number) rows_.push_back(number);
  }
  return rows_;
}

std::size_t RowRanks::rank(std::int64_t row) const {
  if (is_sparse_) {
    return static_cast<std::size_t>(std::ranges::lower_bound(rows_, row) - rows_.begin());
  }
  const Word& word = pages_[entries_[entry_of(row >> kPageBits)].place][word_of(row)];
  return word.before + static_cast<std::size_t>(std::popcount(word.rows & (bit_of(row) - 1)));
}

}  // namespace provender::pit

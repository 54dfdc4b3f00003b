#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "pit/values.hpp"

namespace provender::pit {
namespace {

constexpr std::size_t kPlaces = 6000;
constexpr std::size_t kWriters = 3;
constexpr std::size_t kBatch = 7;

/// What stands at a place, and whether it is null.
std::string text_at(std::size_t place) {
  return std::string(place % 20, 'x') + std::to_string(place);
}
bool is_null_at(std::size_t place) {
  return place % 11 == 3;
}

/// Puts the batches that are one thread's, which lie between those of the others.
template <class PutBatch>
void put_together(const PutBatch& put_batch) {
  const auto put_share = [&](std::size_t share) {
    for (std::size_t at = share * kBatch; at < kPlaces; at += kWriters * kBatch) {
      put_batch(at, std::min(at + kBatch, kPlaces));
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < kWriters; ++i) {
    threads.emplace_back(put_share, i);
  }
  put_share(0);
}

TEST(ValueStoreRace, TextsOfDifferentPlacesArePutAtTheSameTime) {
  ValueStore store({.kind = Kind::String}, kPlaces);
  put_together([&](std::size_t begin, std::size_t end) {
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
    std::uint64_t valid = 0;
    for (std::size_t place = begin; place < end; ++place) {
      texts.push_back(text_at(place));
      valid |= std::uint64_t{is_null_at(place) ? 0U : 1U} << (place - begin);
    }
    views.assign(texts.begin(), texts.end());
    store.put(begin,
              {.type = {.kind = Kind::String},
               .size = views.size(),
               .validity = &valid,
               .data = views.data()});
  });
  for (std::size_t place = 0; place < kPlaces; ++place) {
    ASSERT_EQ(store.is_null(place), is_null_at(place));
    if (is_null_at(place)) continue;
    Text text;
    std::memcpy(&text, store.cell(place), sizeof(Text));
    ASSERT_EQ(text.view(), text_at(place));
  }
}

TEST(ValueStoreRace, AnyThreadMayBringTheNegativeZero) {
  ValueStore store({.kind = Kind::Float64}, kPlaces);
  put_together([&](std::size_t begin, std::size_t end) {
    std::vector<double> numbers;
    for (std::size_t place = begin; place < end; ++place) {
      numbers.push_back(-static_cast<double>(place % 100));
    }
    store.put(begin,
              {.type = {.kind = Kind::Float64},
               .size = numbers.size(),
               .validity = nullptr,
               .data = numbers.data()});
  });
  EXPECT_TRUE(store.has_negative_zero());
  for (std::size_t place = 0; place < kPlaces; ++place) {
    double number = 0;
    std::memcpy(&number, store.cell(place), sizeof(double));
    ASSERT_EQ(number, -static_cast<double>(place % 100));
  }
}

}  // namespace
}  // namespace provender::pit

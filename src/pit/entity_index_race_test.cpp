#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "pit/entity_index.hpp"
#include "pit/testing_columns.hpp"

namespace provender::pit {
namespace {

constexpr std::size_t kRows = 5000;
constexpr std::size_t kThreads = 3;

/// Dense numbers, which are found by address once frozen, and texts short and long.
struct Keys {
  Keys() {
    for (std::size_t i = 0; i < kRows; ++i) {
      numbers.push_back(static_cast<std::int64_t>(i / 2));
      texts.push_back((i % 3 == 0 ? "a key that is longer than a slot " : "") + std::to_string(i));
    }
    views.assign(texts.begin(), texts.end());
  }
  std::vector<ColumnView> columns() const {
    return {column(Kind::Int64, numbers), column(Kind::String, views)};
  }

  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  std::vector<std::string_view> views;
};

TEST(EntityIndexRace, ThreadsFindWhatOneAdded) {
  const Keys keys;
  const std::vector<Type> types = {{.kind = Kind::Int64}, {.kind = Kind::String}};
  EntityIndex index(types);
  std::vector<std::uint32_t> added(kRows);
  index.add(keys.columns(), kRows, added.data());
  index.freeze();
  const auto find_all = [&] {
    const Keys own;
    std::vector<std::uint32_t> found(kRows);
    for (int round = 0; round < 20; ++round) {
      index.find(own.columns(), kRows, found.data());
      EXPECT_EQ(found, added);
      EXPECT_TRUE(index.may_have(0, std::int64_t{1}, std::int64_t{1}));
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < kThreads; ++i) {
    threads.emplace_back(find_all);
  }
  find_all();
}

}  // namespace
}  // namespace provender::pit

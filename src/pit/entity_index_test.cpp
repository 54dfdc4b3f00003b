#include "pit/entity_index.hpp"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "pit/testing_columns.hpp"

namespace provender::pit {
namespace {

using Ids = std::vector<std::uint32_t>;

Ids add(EntityIndex& index, const std::vector<ColumnView>& keys) {
  Ids out(keys[0].size);
  index.add(keys, out.size(), out.data());
  return out;
}

Ids find(const EntityIndex& index, const std::vector<ColumnView>& keys) {
  Ids out(keys[0].size);
  index.find(keys, out.size(), out.data());
  return out;
}

/// Ids that were given before the index was frozen, as they are now.
Ids freeze(EntityIndex& index, Ids ids) {
  const Ids numbers = index.freeze();
  for (std::uint32_t& id : ids) {
    if (!numbers.empty() && id != kNoEntity) id = numbers[id];
  }
  return ids;
}

const std::vector<Type> kOneInt = {{.kind = Kind::Int64}};
const std::vector<Type> kOneText = {{.kind = Kind::String}};

TEST(EntityIndex, NumbersKeysAsTheyCome) {
  EntityIndex index(kOneInt);
  const std::vector<std::int64_t> spine = {7, 9, 7, -1};
  EXPECT_EQ(add(index, {column(Kind::Int64, spine)}), (Ids{0, 1, 0, 2}));
  index.freeze();
  EXPECT_EQ(index.size(), 3U);
  const std::vector<std::int64_t> asked = {-1, 8, 9, INT64_MAX, INT64_MIN};
  EXPECT_EQ(find(index, {column(Kind::Int64, asked)}),
            (Ids{2, kNoEntity, 1, kNoEntity, kNoEntity}));
}

TEST(EntityIndex, FindsDenseAndSparseIntegers) {
  for (const std::int64_t step : {1, 3, 1'000'003}) {
    EntityIndex index(kOneInt);
    std::vector<std::int64_t> keys;
    for (std::int64_t i = 0; i < 20'000; ++i) {
      keys.push_back((i - 10'000) * step);
    }
    const Ids added = freeze(index, add(index, {column(Kind::Int64, keys)}));
    EXPECT_EQ(find(index, {column(Kind::Int64, keys)}), added);
    for (std::int64_t& key : keys) {
      key = key * 2 + 1;
    }
    Ids expected;
    for (const std::int64_t key : keys) {
      const std::int64_t i = key / step + 10'000;
      const bool known = key % step == 0 && i >= 0 && i < 20'000;
      expected.push_back(known ? static_cast<std::uint32_t>(i) : kNoEntity);
    }
    EXPECT_EQ(find(index, {column(Kind::Int64, keys)}), expected) << step;
  }
}

TEST(EntityIndex, KeysThatLeaveHardlyAGapAreNumberedByTheirOrder) {
  std::vector<std::int32_t> keys;
  for (std::int32_t key = 5; key > -5; --key) {
    if (key != 2) keys.push_back(key);
  }
  const std::vector<Type> types = {{.kind = Kind::Int32}};
  EntityIndex index(types);
  const Ids added = freeze(index, add(index, {column(Kind::Int32, keys)}));
  EXPECT_EQ(added, (Ids{9, 8, 7, 5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(find(index, {column(Kind::Int32, keys)}), added);
  EXPECT_EQ(index.size(), 10U);  // the gap has a number too
  const std::vector<std::int32_t> others = {-5, 6, INT32_MIN, INT32_MAX};
  EXPECT_EQ(find(index, {column(Kind::Int32, others)}), Ids(4, kNoEntity));
  EXPECT_FALSE(index.may_have(0, std::int64_t{2}, std::int64_t{2}));
}

TEST(EntityIndex, KeysWithManyGapsKeepTheirNumbers) {
  EntityIndex index(kOneInt);
  const std::vector<std::int64_t> keys = {9, 0, 1, 2, 3, 4, 5};
  add(index, {column(Kind::Int64, keys)});
  EXPECT_TRUE(index.freeze().empty());
  EXPECT_EQ(find(index, {column(Kind::Int64, keys)}), (Ids{0, 1, 2, 3, 4, 5, 6}));
}

TEST(EntityIndex, TheExtremesOfIntegersAreKeys) {
  EntityIndex index(kOneInt);
  const std::vector<std::int64_t> keys = {INT64_MIN, INT64_MAX, 0};
  EXPECT_EQ(add(index, {column(Kind::Int64, keys)}), (Ids{0, 1, 2}));
  index.freeze();
  EXPECT_EQ(find(index, {column(Kind::Int64, keys)}), (Ids{0, 1, 2}));
}

TEST(EntityIndex, FindsTextsOfAnyLength) {
  std::mt19937_64 random(1);
  std::vector<std::string> texts;
  std::map<std::string, std::uint32_t> ids;
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 40, 'x');
    for (char& c : text) {
      c = static_cast<char>(random() % 3);
    }
    texts.push_back(text);
    ids.emplace(text, static_cast<std::uint32_t>(ids.size()));
  }
  EntityIndex index(kOneText);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const Ids added = add(index, {column(Kind::String, views)});
  index.freeze();
  EXPECT_EQ(index.size(), ids.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(added[i], ids.at(texts[i]));
  }
  EXPECT_EQ(find(index, {column(Kind::String, views)}), added);
  for (std::string& text : texts) {
    text += '\4';
  }
  const std::vector<std::string_view> others(texts.begin(), texts.end());
  EXPECT_EQ(find(index, {column(Kind::String, others)}), Ids(texts.size(), kNoEntity));
}

TEST(EntityIndex, CompositeKeysAreTuples) {
  const std::vector<Type> types = {{.kind = Kind::Int32}, {.kind = Kind::Int64}};
  EntityIndex index(types);
  const std::vector<std::int32_t> a = {1, 11, 1};
  const std::vector<std::int64_t> b = {11, 1, 1};
  EXPECT_EQ(add(index, {column(Kind::Int32, a), column(Kind::Int64, b)}), (Ids{0, 1, 2}));
  index.freeze();
  const std::vector<std::int32_t> c = {11, 11, 1, 2, 1};
  const std::vector<std::int64_t> d = {11, 1, 11, 1, 2};
  EXPECT_EQ(find(index, {column(Kind::Int32, c), column(Kind::Int64, d)}),
            (Ids{kNoEntity, 1, 0, kNoEntity, kNoEntity}));

  const std::vector<Type> texts = {{.kind = Kind::String}, {.kind = Kind::Bytes}};
  EntityIndex of_texts(texts);
  const std::vector<std::string_view> e = {"a", "ab"};
  const std::vector<std::string_view> f = {"bc", "c"};
  EXPECT_EQ(add(of_texts, {column(Kind::String, e), column(Kind::Bytes, f)}), (Ids{0, 1}));
  of_texts.freeze();
  EXPECT_EQ(find(of_texts, {column(Kind::String, e), column(Kind::Bytes, f)}), (Ids{0, 1}));
  EXPECT_EQ(find(of_texts, {column(Kind::String, f), column(Kind::Bytes, e)}),
            (Ids{kNoEntity, kNoEntity}));
}

TEST(EntityIndex, ThreePartsOfManyRowsAreFound) {
  const std::vector<Type> types = {
      {.kind = Kind::Bool}, {.kind = Kind::String}, {.kind = Kind::Timestamp}};
  std::mt19937_64 random(2);
  std::vector<std::uint8_t> a;
  std::vector<std::string> texts;
  std::vector<std::int64_t> c;
  for (int i = 0; i < 5000; ++i) {
    a.push_back(random() % 2);
    texts.push_back(std::to_string(random() % 10));
    c.push_back(static_cast<std::int64_t>(random() % 50));
  }
  const std::vector<std::string_view> b(texts.begin(), texts.end());
  const std::vector<ColumnView> keys = {
      column(Kind::Bool, a), column(Kind::String, b), column(Kind::Timestamp, c)};
  EntityIndex index(types);
  const Ids added = add(index, keys);
  index.freeze();
  std::map<std::tuple<int, std::string, std::int64_t>, std::uint32_t> expected;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto [place, is_new] = expected.emplace(std::tuple(a[i], texts[i], c[i]),
                                                  static_cast<std::uint32_t>(expected.size()));
    EXPECT_EQ(added[i], place->second);
  }
  EXPECT_EQ(index.size(), expected.size());
  EXPECT_EQ(find(index, keys), added);
}

TEST(EntityIndex, ANullPartIsNoKey) {
  const std::vector<Type> types = {{.kind = Kind::Int64}, {.kind = Kind::String}};
  const std::vector<std::int64_t> a = {1, 2, 3};
  const std::vector<std::string_view> b = {"x", {}, "z"};
  const std::uint64_t valid_a = 0b110;
  const std::uint64_t valid_b = 0b101;
  const std::vector<ColumnView> keys = {column(Kind::Int64, a, &valid_a),
                                        column(Kind::String, b, &valid_b)};
  EntityIndex index(types);
  EXPECT_EQ(add(index, keys), (Ids{kNoEntity, kNoEntity, 0}));
  index.freeze();
  EXPECT_EQ(index.size(), 1U);
  EXPECT_EQ(find(index, keys), (Ids{kNoEntity, kNoEntity, 0}));
}

TEST(EntityIndex, KnowsWhatRangesHaveNoKey) {
  EntityIndex numbers(kOneInt);
  const std::vector<std::int64_t> keys = {10, 20};
  add(numbers, {column(Kind::Int64, keys)});
  numbers.freeze();
  const auto has = [&](std::int64_t least, std::int64_t most) {
    return numbers.may_have(0, least, most);
  };
  EXPECT_TRUE(has(10, 10));
  EXPECT_TRUE(has(0, 15));
  EXPECT_TRUE(has(20, 99));
  EXPECT_FALSE(has(11, 19));
  EXPECT_FALSE(has(0, 9));
  EXPECT_FALSE(has(21, 99));
  EXPECT_TRUE(numbers.may_have(0, std::string("a"), std::string("b")));  // not comparable

  EntityIndex texts(kOneText);
  const std::vector<std::string_view> names = {"b", "d"};
  add(texts, {column(Kind::String, names)});
  texts.freeze();
  EXPECT_TRUE(texts.may_have(0, std::string("a"), std::string("b")));
  EXPECT_FALSE(texts.may_have(0, std::string("ba"), std::string("c\xFF")));
}

TEST(EntityIndex, OfManyKeysAnyRangeMayHaveOne) {
  EntityIndex index(kOneInt);
  std::vector<std::int64_t> keys;
  for (std::int64_t i = 0; i < 60'000; ++i) {
    keys.push_back(i);
  }
  add(index, {column(Kind::Int64, keys)});
  index.freeze();
  EXPECT_TRUE(index.may_have(0, std::int64_t{-5}, std::int64_t{-1}));
}

TEST(EntityIndex, WithoutKeysNothingIsFound) {
  for (const Kind kind : {Kind::Int64, Kind::String}) {
    const std::vector<Type> types = {{.kind = kind}};
    EntityIndex index(types);
    index.freeze();
    EXPECT_EQ(index.size(), 0U);
    const std::vector<std::int64_t> numbers = {0, 1};
    const std::vector<std::string_view> texts = {"", "a"};
    EXPECT_EQ(find(index, {kind == Kind::Int64 ? column(kind, numbers) : column(kind, texts)}),
              (Ids{kNoEntity, kNoEntity}));
  }
}

}  // namespace
}  // namespace provender::pit

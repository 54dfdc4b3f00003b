#include "pit/values.hpp"

#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pit/testing_columns.hpp"

namespace provender::pit {
namespace {

template <class T>
T cell(const ValueStore& store, std::size_t place) {
  T out;
  std::memcpy(&out, store.cell(place), sizeof(T));
  return out;
}

TEST(ValueStore, KeepsNumbersByPlace) {
  ValueStore store({.kind = Kind::Int32}, 4);
  const std::uint64_t valid = 0b01;
  store.put(2, column(Kind::Int32, std::vector<std::int32_t>{-7, 0}, &valid));
  store.put(0, column(Kind::Int32, std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(cell<std::int32_t>(store, 0), 1);
  EXPECT_EQ(cell<std::int32_t>(store, 1), 2);
  EXPECT_EQ(cell<std::int32_t>(store, 2), -7);
  EXPECT_FALSE(store.is_null(2));
  EXPECT_TRUE(store.is_null(3));
}

TEST(ValueStore, ManyFeaturesTogetherKeepTheirOwn) {
  std::vector<Type> types;
  for (int i = 0; i < 5; ++i) {
    types.insert(types.end(),
                 {{.kind = Kind::Int64}, {.kind = Kind::Bool}, {.kind = Kind::String}});
  }
  const auto stores = ValueStore::together(types, 3);
  ASSERT_EQ(stores.size(), types.size());
  const std::uint64_t valid = 0b101;
  for (std::size_t i = 0; i < types.size(); i += 3) {
    const auto number = static_cast<std::int64_t>(i);
    stores[i]->put(0, column(Kind::Int64, std::vector{number, number + 1, number + 2}));
    stores[i + 1]->put(0, column(Kind::Bool, std::vector<std::uint8_t>{1, 0, 1}, &valid));
    stores[i + 2]->put(1, column(Kind::String, std::vector<std::string_view>{"text", "of two"}));
  }
  for (std::size_t i = 0; i < types.size(); i += 3) {
    EXPECT_EQ(cell<std::int64_t>(*stores[i], 2), static_cast<std::int64_t>(i) + 2);
    EXPECT_TRUE(stores[i + 1]->is_null(1));
    EXPECT_FALSE(stores[i + 1]->is_null(2));
    EXPECT_EQ(cell<std::uint8_t>(*stores[i + 1], 2), 1);
    EXPECT_EQ(cell<Text>(*stores[i + 2], 1).view(), "text");
    EXPECT_EQ(cell<Text>(*stores[i + 2], 2).view(), "of two");
  }
}

TEST(ValueStore, TextsOutliveTheColumn) {
  ValueStore store({.kind = Kind::String}, 5);
  {
    const std::string shorter = "twelve bytes";
    const std::string longer = "thirteen byte";
    const std::string nul("\0x", 2);
    const std::vector<std::string_view> values = {shorter, longer, "", nul};
    store.put(0, column(Kind::String, values));
  }
  EXPECT_EQ(cell<Text>(store, 0).view(), "twelve bytes");
  EXPECT_EQ(cell<Text>(store, 1).view(), "thirteen byte");
  EXPECT_EQ(cell<Text>(store, 2).view(), "");
  EXPECT_EQ(cell<Text>(store, 3).view(), std::string_view("\0x", 2));
}

TEST(ValueStore, TheSlotOfANullTextMayHoldAnything) {
  ValueStore store({.kind = Kind::Bytes}, 2);
  const std::vector<std::string_view> values = {
      {std::bit_cast<const char*>(std::uintptr_t{8}), 1000}, "ok"};
  const std::uint64_t valid = 0b10;
  store.put(0, column(Kind::Bytes, values, &valid));
  EXPECT_TRUE(store.is_null(0));
  EXPECT_EQ(cell<Text>(store, 1).view(), "ok");
}

TEST(ValueStore, KeepsListsWithTheirNulls) {
  const std::string long_text(100, 'y');
  const std::vector<std::string_view> texts = {"skipped", "a", long_text, {}, "z"};
  const std::uint64_t valid_elements = 0b10110;
  const ColumnView elements = column(Kind::String, texts, &valid_elements);
  const std::vector<ColumnView::ListEntry> entries = {
      {.offset = 1, .length = 3}, {.offset = 0, .length = 0}, {.offset = 4, .length = 1}};
  ColumnView lists = column(Kind::String, entries);
  lists.type.is_list = true;
  lists.elements = &elements;
  ValueStore store({.kind = Kind::String, .is_list = true}, 3);
  store.put(0, lists);

  const auto first = cell<ListCell>(store, 0);
  ASSERT_EQ(first.length, 3U);
  EXPECT_EQ(std::vector(first.valid(), first.valid() + 3), (std::vector<std::uint8_t>{1, 1, 0}));
  Text text;
  std::memcpy(&text, first.elements(), sizeof(Text));
  EXPECT_EQ(text.view(), "a") << "whose place in the list is that of a null in the column";
  std::memcpy(&text, first.elements() + sizeof(Text), sizeof(Text));
  EXPECT_EQ(text.view(), long_text);
  EXPECT_EQ(cell<ListCell>(store, 1).length, 0U);
  std::memcpy(&text, cell<ListCell>(store, 2).elements(), sizeof(Text));
  EXPECT_EQ(text.view(), "z");
}

TEST(ValueStore, SaysWhetherThereIsANegativeZero) {
  const auto found = [](const std::vector<double>& values, std::uint64_t valid) {
    ValueStore store({.kind = Kind::Float64}, values.size());
    store.put(0, column(Kind::Float64, values, &valid));
    return store.has_negative_zero();
  };
  EXPECT_FALSE(found({0.0, -1.0}, 0b11));
  EXPECT_TRUE(found({0.0, -0.0}, 0b11));
  EXPECT_FALSE(found({0.0, -0.0}, 0b01));

  const std::vector<float> floats = {1, -0.0F};
  const ColumnView elements = column(Kind::Float32, floats);
  ColumnView lists = column(Kind::Float32, std::vector<ColumnView::ListEntry>{});
  const std::vector<ColumnView::ListEntry> entries = {{.offset = 0, .length = 2}};
  lists.size = 1;
  lists.data = entries.data();
  lists.type.is_list = true;
  lists.elements = &elements;
  ValueStore store({.kind = Kind::Float32, .is_list = true}, 1);
  store.put(0, lists);
  EXPECT_TRUE(store.has_negative_zero());
}

TEST(Arena, GivesAlignedMemoryThatStays) {
  Arena arena;
  char* const first = arena.allocate(3);
  std::string_view("abc").copy(first, 3);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arena.allocate(100'001)) % 8, 0U);
  }
  EXPECT_EQ(std::string_view(first, 3), "abc");
}

}  // namespace
}  // namespace provender::pit

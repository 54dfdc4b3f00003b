#include "model/column.hpp"

#include <array>

#include <gtest/gtest.h>

namespace provender {
namespace {

template <class T>
ColumnView column_of(Kind kind, std::span<const T> values) {
  return {.type = Type{kind}, .size = values.size(), .data = values.data()};
}

TEST(Column, GivesEachKindAsAValue) {
  const std::array<std::uint8_t, 2> bools{1, 0};
  const std::array<std::int32_t, 1> ints{-7};
  const std::array<std::int64_t, 1> longs{std::int64_t{1} << 40};
  const std::array<float, 1> floats{0.5F};
  const std::array<double, 1> doubles{-0.0};
  const std::array<std::string_view, 1> texts{"abc"};
  EXPECT_EQ(value_at(column_of<std::uint8_t>(Kind::Bool, bools), 0), Value{true});
  EXPECT_EQ(value_at(column_of<std::uint8_t>(Kind::Bool, bools), 1), Value{false});
  EXPECT_EQ(value_at(column_of<std::int32_t>(Kind::Int32, ints), 0), Value{std::int32_t{-7}});
  EXPECT_EQ(value_at(column_of<std::int64_t>(Kind::Int64, longs), 0), Value{longs[0]});
  EXPECT_EQ(value_at(column_of<float>(Kind::Float32, floats), 0), Value{0.5F});
  EXPECT_EQ(value_at(column_of<double>(Kind::Float64, doubles), 0), Value{-0.0});
  EXPECT_EQ(value_at(column_of<std::string_view>(Kind::String, texts), 0),
            Value{std::string("abc")});
  EXPECT_EQ(value_at(column_of<std::string_view>(Kind::Bytes, texts), 0), Value{Bytes{"abc"}});
  EXPECT_EQ(value_at(column_of<std::int64_t>(Kind::Timestamp, longs), 0),
            Value{Timestamp(Duration(longs[0]))});
}

TEST(Column, KnowsItsNullsBeyondTheFirstWord) {
  std::array<std::int64_t, 70> numbers{};
  numbers[69] = 5;
  const std::array<std::uint64_t, 2> validity{~std::uint64_t{0}, std::uint64_t{1} << 5};
  ColumnView column = column_of<std::int64_t>(Kind::Int64, numbers);
  column.validity = validity.data();
  EXPECT_FALSE(column.is_null(63));
  EXPECT_TRUE(column.is_null(64));
  EXPECT_TRUE(value_at(column, 64).is_null());
  EXPECT_TRUE(scalar_at(column, 64).is_null());
  EXPECT_EQ(value_at(column, 69), Value{std::int64_t{5}});
}

TEST(Column, GivesListsWithTheirNulls) {
  const std::array<float, 4> numbers{1, 2, 0, 4};
  const std::array<std::uint64_t, 1> element_validity{0b1011};
  ColumnView elements = column_of<float>(Kind::Float32, numbers);
  elements.validity = element_validity.data();
  const std::array<ColumnView::ListEntry, 3> entries{{{0, 1}, {1, 3}, {4, 0}}};
  const ColumnView lists{
      .type = {Kind::Float32, true}, .size = 3, .data = entries.data(), .elements = &elements};
  EXPECT_EQ(value_at(lists, 0), Value{ValueList{Value{1.0F}}});
  EXPECT_EQ(value_at(lists, 1), (Value{ValueList{Value{2.0F}, Value{}, Value{4.0F}}}));
  EXPECT_EQ(value_at(lists, 2), Value{ValueList{}});
}

}  // namespace
}  // namespace provender

#include <limits>
#include <random>

#include <gmock/gmock.h>

#include "base/endian.hpp"
#include "codec/row_codec.hpp"
#include "codec/row_format.hpp"
#include "codec/value_columns.hpp"

// Bytes that are no row, or that lie: whatever they are, reading stays inside them.

namespace provender::codec {
namespace {

using testing::HasSubstr;

constexpr std::string_view kGoodKey{"8a2f\0\0", 6};
const RowSchema kSchema{.id = 7,
                        .fields = {{.id = 1, .type = {Kind::String}},
                                   {.id = 2, .type = {Kind::Int64}},
                                   {.id = 3, .type = {Kind::String, true}},
                                   {.id = 4, .type = {Kind::Float32, true}}}};

std::string good_row() {
  const ValueRow row(
      {{{Kind::String}, {std::string("power_user")}},
       {{Kind::Int64}, {std::int64_t{47}}},
       {{Kind::String, true}, {ValueList{{std::string("a")}, {}, {std::string("bc")}}}},
       {{Kind::Float32, true}, {ValueList{{1.0F}, {2.0F}}}}});
  std::string out;
  EXPECT_TRUE(RowEncoder(kSchema).encode(kGoodKey, {}, row.columns(), 0, out));
  return out;
}

std::string message_of(std::string_view key, std::string_view row) {
  const auto header = read_header(key, row);
  if (header) return "read";
  EXPECT_EQ(header.error().code(), ErrorCode::Corruption);
  return std::string(header.error().message());
}

/// Where the fields of kSchema have their slots and the tail begins.
constexpr std::size_t kText = kHeaderSize + 1;
constexpr std::size_t kTexts = kText + 4 + 8;
constexpr std::size_t kFloats = kTexts + 4;
constexpr std::size_t kTail = kFloats + 4;
constexpr std::size_t kTextsList = kTail + 10;  // behind "power_user"

std::optional<ValueView> read_patched(std::size_t at, std::uint32_t value, std::size_t slot) {
  std::string row = good_row();
  store_le(row.data() + at, value);
  // On the heap at its exact length, so that the sanitizer sees any read outside.
  const std::vector<char> exact(row.begin(), row.end());
  return RowLayout(kSchema).read({exact.data(), exact.size()}, slot);
}

TEST(RowCorruption, EveryFlippedBitIsSeen) {
  const std::string good = good_row();
  ASSERT_EQ(message_of(kGoodKey, good), "read");
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string row = good;
    row[bit / 8] = static_cast<char>(row[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_NE(message_of(kGoodKey, row), "read") << "bit " << bit;
  }
}

TEST(RowCorruption, ARowOfAnotherEntityIsSeen) {
  EXPECT_THAT(message_of(std::string_view("8a2e\0\0", 6), good_row()), HasSubstr("checksum"));
}

TEST(RowCorruption, ARowOfANewerFormatIsNamed) {
  std::string row = good_row();
  row[kFormatAt] = 2;
  EXPECT_THAT(message_of(kGoodKey, row), HasSubstr("format 2"));
}

TEST(RowCorruption, AShortRowIsNamed) {
  const std::string row = good_row();
  EXPECT_THAT(message_of(kGoodKey, row.substr(0, kHeaderSize - 1)), HasSubstr("33 bytes"));
  EXPECT_THAT(message_of(kGoodKey, ""), HasSubstr("0 bytes"));
}

TEST(RowCorruption, ARowShorterThanItsFixedAreaHasNoValues) {
  const std::string row = good_row();
  const std::vector<char> exact(row.begin(), row.begin() + kTail - 1);
  EXPECT_FALSE(RowLayout(kSchema).read({exact.data(), exact.size()}, 0));
  EXPECT_FALSE(RowLayout(kSchema).read({exact.data(), kHeaderSize}, 1));
}

TEST(RowCorruption, ATextThatEndsOutsideTheRowIsNoValue) {
  ASSERT_TRUE(read_patched(kText, 10, 0));
  EXPECT_FALSE(read_patched(kText, 1000, 0));
  EXPECT_FALSE(read_patched(kText, std::numeric_limits<std::uint32_t>::max(), 0));
}

TEST(RowCorruption, ATextThatEndsBeforeItBeginsIsNoValue) {
  EXPECT_FALSE(read_patched(kTexts, 9, 2)) << "the field before it ends at 10";
}

TEST(RowCorruption, AListThatClaimsMoreElementsThanBytesIsNoValue) {
  ASSERT_TRUE(read_patched(kTextsList, 3, 2));
  EXPECT_FALSE(read_patched(kTextsList, 1000, 2));
  EXPECT_FALSE(read_patched(kTextsList, std::numeric_limits<std::uint32_t>::max(), 2));
  const std::size_t floats_list = kTail + load_le<std::uint32_t>(good_row().data() + kTexts);
  ASSERT_TRUE(read_patched(floats_list, 2, 3));
  EXPECT_FALSE(read_patched(floats_list, 3, 3));
  EXPECT_FALSE(read_patched(floats_list, std::numeric_limits<std::uint32_t>::max(), 3));
}

TEST(RowCorruption, AListWhoseBytesEndInItsHeaderIsNoValue) {
  EXPECT_FALSE(read_patched(kTexts, 10 + kListHeaderSize - 1, 2));
  EXPECT_FALSE(read_patched(kTexts, 10, 2));
}

TEST(RowCorruption, AListWhoseTextsEndOutsideItIsNoValue) {
  const std::size_t ends = kTextsList + kListHeaderSize + 1;
  ASSERT_TRUE(read_patched(ends + 8, 3, 2));
  EXPECT_FALSE(read_patched(ends + 8, 4, 2)) << "past the list";
  EXPECT_FALSE(read_patched(ends, 2, 2)) << "past the next";
}

void read_all(const RowLayout& layout, std::string_view row, std::size_t fields) {
  for (std::size_t slot = 0; slot < fields; ++slot) {
    if (const auto view = layout.read(row, slot)) static_cast<void>(to_value(*view));
  }
}

TEST(RowCorruption, RandomBytesAreReadInsideTheirBounds) {
  std::mt19937 random(20260507);
  const RowLayout layout(kSchema);
  const std::string good = good_row();
  for (int round = 0; round < 50000; ++round) {
    std::vector<char> row(good.begin(),
                          good.begin() + static_cast<std::ptrdiff_t>(random() % (good.size() + 1)));
    for (int change = 0; change < 3 && !row.empty(); ++change) {
      row[random() % row.size()] = static_cast<char>(random());
    }
    read_all(layout, {row.data(), row.size()}, kSchema.fields.size());
  }
}

}  // namespace
}  // namespace provender::codec

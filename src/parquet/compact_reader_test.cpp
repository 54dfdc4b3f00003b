#include "parquet/compact_reader.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;
using ::testing::ElementsAre;

/// The integers of a struct's fields by `id`, all others left out; -1 where the reader failed.
std::int64_t read_only(std::string_view bytes, std::int64_t id) {
  // Of the exact size, so that a read behind it is seen.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  CompactReader in({exact.data(), exact.size()});
  std::int64_t out = 0;
  in.read_struct(Wire::Struct, [&](std::int64_t field, Wire type) {
    if (field != id) return false;
    out = in.read_integer(type);
    return true;
  });
  return in.failed() ? -1 : out;
}

TEST(CompactReader, ReadsAFieldOfEachType) {
  CompactWriter out;
  out.integer(1, -3, Wire::Byte);
  out.integer(2, std::numeric_limits<std::int16_t>::min(), Wire::I16);
  out.integer(20, std::numeric_limits<std::int32_t>::max(), Wire::I32);
  out.integer(21, std::numeric_limits<std::int64_t>::min(), Wire::I64);
  out.boolean(22, /*value=*/true);
  out.boolean(300, /*value=*/false);
  out.binary(301, "text");
  out.begin_list(302, Wire::I32, 20);
  for (int i = 0; i < 20; ++i) {
    out.element(i);
  }
  const std::string bytes = out.finish();
  CompactReader in(bytes);
  std::vector<std::int64_t> numbers;
  std::vector<bool> bools;
  std::string text;
  in.read_struct(Wire::Struct, [&](std::int64_t, Wire type) {
    if (type == Wire::True || type == Wire::False) {
      bools.push_back(in.read_bool(type));
    } else if (type == Wire::Binary) {
      text = in.read_binary(type);
    } else if (type == Wire::List) {
      in.read_list(type, [&](Wire element) { numbers.push_back(in.read_integer(element)); });
    } else {
      numbers.push_back(in.read_integer(type));
    }
    return true;
  });
  EXPECT_FALSE(in.failed());
  EXPECT_EQ(in.position(), bytes.size());
  ASSERT_EQ(numbers.size(), 24U);
  EXPECT_EQ(numbers[0], -3);
  EXPECT_EQ(numbers[1], std::numeric_limits<std::int16_t>::min());
  EXPECT_EQ(numbers[2], std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(numbers[3], std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(numbers[23], 19);
  EXPECT_THAT(bools, ElementsAre(true, false));
  EXPECT_EQ(text, "text");
}

/// A struct of a value of each type, then field 100: 42.
std::string of_all_types() {
  CompactWriter out;
  out.boolean(1, /*value=*/true);
  out.integer(2, 7, Wire::Byte);
  out.integer(3, 777'777'777'777, Wire::I64);
  out.field(4, Wire::Double);
  out.raw("8 bytes.");
  out.binary(5, "text");
  out.begin_list(6, Wire::True, 3);  // each bool of a list is a byte
  out.raw(std::string("\1\2\1", 3));
  out.begin_list(7, Wire::List, 1);
  out.raw("\x15\x08");  // a list of an integer, 4
  out.begin_list(8, Wire::Struct, 2);
  for (int i = 0; i < 2; ++i) {
    out.begin_element();
    out.begin_struct(1);
    out.integer(1, 1);
    out.end();
    out.end();
  }
  out.field(9, Wire::Map);
  out.raw(std::string("\x02\x85\x01k\x02\x01l\x04", 8));  // k: 1, l: 2
  out.field(10, Wire::Map);
  out.raw(std::string("\0", 1));
  out.field(11, Wire::Map);
  out.raw("\x02\x12\1\2\2\1");  // of bools, a byte each
  out.field(12, Wire::Set);
  out.raw("\x15\x08");
  out.integer(100, 42);
  return out.finish();
}

TEST(CompactReader, LeavesOutWhatNobodyAsksFor) {
  EXPECT_EQ(read_only(of_all_types(), 100), 42);
}

TEST(CompactReader, BytesCutOffAnywhereFail) {
  const std::string whole = of_all_types();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read_only(std::string_view(whole).substr(0, size), 100), -1) << size;
  }
}

TEST(CompactReader, AnotherTypeThanTheExpectedFails) {
  CompactWriter text;
  text.binary(1, "1");
  EXPECT_EQ(read_only(text.finish(), 1), -1);

  CompactWriter number;
  number.integer(1, 1);
  const std::string bytes = number.finish();
  for (int read = 0; read < 4; ++read) {
    CompactReader in(bytes);
    in.read_struct(Wire::Struct, [&](std::int64_t, Wire type) {
      if (read == 0) in.read_bool(type);
      if (read == 1) in.read_binary(type);
      if (read == 2) in.read_list(type, [](Wire) { FAIL(); });
      if (read == 3) in.read_struct(type, [](std::int64_t, Wire) { return false; });
      return true;
    });
    EXPECT_TRUE(in.failed()) << read;
  }
}

TEST(CompactReader, ATypeThatThereIsNotFails) {
  EXPECT_EQ(read_only("\x1D\x01", 1), -1);
  EXPECT_EQ(read_only(std::string("\x19\x1E\x01\0", 4), 2), -1);  // a list of them
  EXPECT_EQ(read_only(std::string("\x19\x10\x01\0", 4), 2), -1);  // of the ends of structs
}

TEST(CompactReader, AFieldsNumberThatIsNoneFails) {
  for (const std::int64_t id : {std::int64_t{-1}, std::int64_t{1} << 15, std::int64_t{1} << 62}) {
    EXPECT_EQ(read_only("\x05" + zigzag(id) + zigzag(1) + '\0', id), -1) << id;
  }
}

TEST(CompactReader, ANumberThatNeverEndsFails) {
  EXPECT_EQ(read_only("\x15" + std::string(9, '\xff') + "\x01" + '\0', 1),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read_only("\x15" + std::string(10, '\xff') + "\x01" + '\0', 1), -1);
}

TEST(CompactReader, SizesBehindTheBytesFail) {
  for (const std::uint64_t size : {std::uint64_t{5}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    CompactWriter text;
    text.field(1, Wire::Binary);
    text.raw(varint(size) + "abc");
    EXPECT_EQ(read_only(text.finish(), 2), -1) << size;
    CompactWriter list;
    list.field(1, Wire::List);
    list.raw("\xF5" + varint(size) + "abc");
    EXPECT_EQ(read_only(list.finish(), 2), -1) << size;
    for (const char types : {'\x55', '\x11'}) {
      CompactWriter map;
      map.field(1, Wire::Map);
      map.raw(varint(size) + types + "abc");
      EXPECT_EQ(read_only(map.finish(), 2), -1) << size;
    }
  }
}

TEST(CompactReader, NestingThatIsTooDeepFails) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '\x1C') + std::string(depth + 1, '\0');
  };
  EXPECT_EQ(read_only(nested(20), 2), 0);
  EXPECT_EQ(read_only(nested(1'000'000), 2), -1);
  EXPECT_EQ(read_only(std::string(1'000'000, '\x19'), 2), -1);  // lists of lists
  std::string maps = "\x1B";
  for (int i = 0; i < 1'000'000; ++i) {
    maps += "\x01\xBB";
  }
  EXPECT_EQ(read_only(maps, 2), -1);
}

TEST(CompactReader, AfterAFailureThereAreZerosAndEnds) {
  CompactReader in("\x15");
  in.read_struct(Wire::Struct, [&](std::int64_t, Wire type) {
    in.read_integer(type);
    return true;
  });
  EXPECT_TRUE(in.failed());
  EXPECT_EQ(in.read_integer(Wire::I32), 0);
  EXPECT_EQ(in.read_integer(Wire::Byte), 0);
  EXPECT_EQ(in.read_binary(Wire::Binary), "");
  in.read_list(Wire::List, [](Wire) { FAIL(); });
  in.read_struct(Wire::Struct, [](std::int64_t, Wire) {
    ADD_FAILURE();
    return false;
  });
}

}  // namespace
}  // namespace provender::parquet

#include "codec/key_codec.hpp"

#include <array>
#include <limits>
#include <random>

#include <gmock/gmock.h>

#include "base/text.hpp"

namespace provender::codec {
namespace {

using testing::HasSubstr;

constexpr Type kBool{Kind::Bool};
constexpr Type kInt32{Kind::Int32};
constexpr Type kInt64{Kind::Int64};
constexpr Type kString{Kind::String};
constexpr Type kBytes{Kind::Bytes};
constexpr Type kTimestamp{Kind::Timestamp};

using Tuple = std::vector<Value>;

std::string encoded(const Tuple& tuple, const std::vector<Type>& types) {
  std::vector<ValueView> parts;
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    parts.push_back(to_view(tuple[i], types[i]));
  }
  auto key = encode_key(parts);
  EXPECT_TRUE(key) << key.error().message();
  return key.value_or("");
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) {
    out.push_back(static_cast<char>(value));
  }
  return out;
}

TEST(KeyCodec, WritesTheseBytes) {
  EXPECT_EQ(encoded({{true}}, {kBool}), bytes({1}));
  EXPECT_EQ(encoded({{std::int32_t{-1}}}, {kInt32}), bytes({0x7F, 0xFF, 0xFF, 0xFF}));
  EXPECT_EQ(encoded({{std::int64_t{47}}}, {kInt64}), bytes({0x80, 0, 0, 0, 0, 0, 0, 0x2F}));
  EXPECT_EQ(encoded({{Timestamp(Duration(-2))}}, {kTimestamp}),
            bytes({0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE}));
  EXPECT_EQ(encoded({{std::string("8a2f")}}, {kString}), bytes({'8', 'a', '2', 'f', 0, 0}));
  EXPECT_EQ(encoded({{Bytes{bytes({0, 'a', 0})}}}, {kBytes}), bytes({0, 0xFF, 'a', 0, 0xFF, 0, 0}));
}

TEST(KeyCodec, KeepsTuplesApartThatTextWouldMix) {
  EXPECT_NE(encoded({{std::int64_t{1}}, {std::int64_t{11}}}, {kInt64, kInt64}),
            encoded({{std::int64_t{11}}, {std::int64_t{1}}}, {kInt64, kInt64}));
  EXPECT_NE(encoded({{std::string("a")}, {std::string("bc")}}, {kString, kString}),
            encoded({{std::string("ab")}, {std::string("c")}}, {kString, kString}));
}

/// Values near each other and near the edges, so that random tuples often share parts.
class TupleMaker {
 public:
  explicit TupleMaker(std::uint32_t seed) : random_(seed) {}

  std::vector<Type> types() {
    constexpr Type kTypes[] = {kBool, kInt32, kInt64, kString, kBytes, kTimestamp};
    std::vector<Type> types(1 + random_() % 3, kBool);
    for (Type& type : types) {
      type = kTypes[random_() % std::size(kTypes)];
    }
    return types;
  }

  Tuple tuple(const std::vector<Type>& types) {
    Tuple tuple;
    for (const Type type : types) {
      tuple.push_back(value(type.kind));
    }
    return tuple;
  }

 private:
  Value value(Kind kind) {
    switch (kind) {
      case Kind::Bool:
        return {random_() % 2 == 0};
      case Kind::Int32:
        return {number<std::int32_t>()};
      case Kind::Int64:
        return {number<std::int64_t>()};
      case Kind::Timestamp:
        return {Timestamp(Duration(number<std::int64_t>()))};
      case Kind::String:
        return {text()};
      default:
        return {Bytes{text()}};
    }
  }

  template <class T>
  T number() {
    switch (random_() % 4) {
      case 0:
        return std::numeric_limits<T>::min();
      case 1:
        return std::numeric_limits<T>::max();
      case 2:
        return static_cast<T>(static_cast<T>(random_() % 5) - 2);
      default:
        return static_cast<T>(std::uint64_t{random_()} << 32U | random_());
    }
  }

  std::string text() {
    constexpr char kLetters[] = {'\0', '\1', 'a', '\xFE', '\xFF'};
    std::string text(random_() % 4, ' ');
    for (char& letter : text) {
      letter = kLetters[random_() % std::size(kLetters)];
    }
    return text;
  }

  std::mt19937 random_;
};

/// Text as unsigned bytes, which is how std::string compares.
bool is_less(const Tuple& a, const Tuple& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    return std::visit(
        [&](const auto& left) {
          using T = std::decay_t<decltype(left)>;
          if constexpr (std::is_same_v<T, ValueList>) {
            return false;
          } else {
            return left < std::get<T>(b[i].storage);
          }
        },
        a[i].storage);
  }
  return false;
}

TEST(KeyCodec, OrdersBytesLikeTuplesAndReadsThemBack) {
  TupleMaker make(20260507);
  for (int round = 0; round < 20000; ++round) {
    const auto types = make.types();
    const Tuple a = make.tuple(types);
    const Tuple b = make.tuple(types);
    const std::string key_a = encoded(a, types);
    const std::string key_b = encoded(b, types);
    ASSERT_EQ(key_a < key_b, is_less(a, b)) << "round " << round;
    ASSERT_EQ(key_a == key_b, a == b) << "round " << round;
    const auto decoded = decode_key(key_a, types);
    ASSERT_TRUE(decoded) << decoded.error().message();
    ASSERT_EQ(*decoded, a) << "round " << round;
  }
}

TEST(KeyCodec, NoKeyIsAPrefixOfAnother) {
  TupleMaker make(7);
  for (int round = 0; round < 20000; ++round) {
    const auto types = make.types();
    const std::string a = encoded(make.tuple(types), types);
    const std::string b = encoded(make.tuple(types), types);
    ASSERT_TRUE(a == b || !a.starts_with(b)) << "round " << round;
  }
}

TEST(KeyCodec, TakesKeysUpTo480Bytes) {
  const auto key_of = [](std::size_t size) {
    const std::string text(size, 'k');
    return encode_key(std::vector{ValueView(Kind::String, text)});
  };
  ASSERT_TRUE(key_of(478));
  EXPECT_EQ(key_of(478)->size(), 480);
  const auto too_long = key_of(479);
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().code(), ErrorCode::InvalidArgument);
  EXPECT_THAT(std::string(too_long.error().message()), HasSubstr("481 bytes"));
}

TEST(KeyCodec, KeysAreAsLongAsTheModelSays) {
  const std::string_view text("a\0b\0", 4);
  const std::int64_t number = -7;
  const std::int32_t small = 7;
  const std::uint8_t truth = 1;
  const std::array<ColumnView, 6> columns = {
      ColumnView{.type = kString, .size = 1, .data = &text},
      ColumnView{.type = kInt64, .size = 1, .data = &number},
      ColumnView{.type = kInt32, .size = 1, .data = &small},
      ColumnView{.type = kBool, .size = 1, .data = &truth},
      ColumnView{.type = {.kind = Kind::Timestamp}, .size = 1, .data = &number},
      ColumnView{.type = {.kind = Kind::Bytes}, .size = 1, .data = &text}};
  std::string key;
  for (std::size_t parts = 1; parts <= columns.size(); ++parts) {
    append_key_part(key, scalar_at(columns[parts - 1], 0));
    EXPECT_EQ(encoded_key_size(std::span(columns).first(parts), 0), key.size()) << parts;
  }
}

TEST(KeyCodec, RefusesWhatIsNoKey) {
  EXPECT_FALSE(encode_key({}));
  EXPECT_FALSE(encode_key(std::vector{ValueView(1.5)}));
  EXPECT_FALSE(encode_key(std::vector{ValueView::null(kInt64)}));
  EXPECT_FALSE(encode_key(std::vector{ValueView::null({Kind::Int64, true})}));
}

TEST(KeyCodec, RefusesBytesThatAreNoSuchKey) {
  const auto code_of = [](const std::string& key, const std::vector<Type>& types) {
    const auto decoded = decode_key(key, types);
    return decoded ? "decoded" : std::string(to_string(decoded.error().code()));
  };
  EXPECT_EQ(code_of("", {kBool}), "corruption");
  EXPECT_EQ(code_of(bytes({2}), {kBool}), "corruption");
  EXPECT_EQ(code_of(bytes({0x80, 0, 0}), {kInt32}), "corruption");
  EXPECT_EQ(code_of(bytes({0x80, 0, 0, 0, 0, 0, 0}), {kInt64}), "corruption");
  EXPECT_EQ(code_of("8a2f", {kString}), "corruption");
  EXPECT_EQ(code_of(bytes({'8', 0}), {kString}), "corruption");
  EXPECT_EQ(code_of(bytes({'8', 0, 1, 0, 0}), {kString}), "corruption");
  EXPECT_EQ(code_of(bytes({1, 1}), {kBool}), "corruption");
  EXPECT_EQ(code_of(bytes({0, 0, 0, 0}), {{Kind::Float32}}), "corruption");
  EXPECT_EQ(code_of(bytes({0, 0, 0, 0}), {{Kind::Int32, true}}), "corruption");
}

}  // namespace
}  // namespace provender::codec

#include "base/text.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace provender {
namespace {

using Names = std::vector<std::string>;

std::string text(double number) {
  std::string out;
  append_number(out, number);
  return out;
}

std::string text(float number) {
  std::string out;
  append_number(out, number);
  return out;
}

TEST(AppendNumber, WritesShortDecimalsAsTheShortestTextInGeneral) {
  std::mt19937_64 random(7);
  const auto check = [](double number) {
    char buffer[40];
    const auto end = std::to_chars(std::begin(buffer), std::end(buffer), number).ptr;
    std::string expected(std::begin(buffer), end);
    if (expected.find_first_of(".en") == std::string::npos) expected += ".0";
    EXPECT_EQ(text(number), expected);
  };
  for (int i = 0; i < 200'000; ++i) {
    const auto thousandths = static_cast<double>(random() >> (14U + random() % 50U));
    const double number = thousandths / 1000.0;
    check(number);
    check(-number);
    check(std::nextafter(number, 0.0));
    check(std::nextafter(number, 1e300));
    check(static_cast<double>(static_cast<float>(number)));
  }
  for (const double number : {0.001,
                              0.01,
                              0.1,
                              0.0001,
                              0.0005,
                              1e-300,
                              0.5,
                              999.999,
                              1e12 + 0.5,
                              999'999'999'999.999,
                              1e15,
                              1e22,
                              123'456.7,
                              5e-324,
                              1.7e308}) {
    check(number);
    check(-number);
  }
  EXPECT_EQ(text(0.0), "0.0");
  EXPECT_EQ(text(-0.0), "-0.0");
}

TEST(Nearest, FindsWhatATypoMeant) {
  const Names names{"movie_stats", "user_activity", "user_profile"};
  EXPECT_EQ(nearest("user_activty", names), "user_activity");
  EXPECT_EQ(nearest("user_porfile", names), "user_profile");
  EXPECT_EQ(nearest("movie_statss", names), "movie_stats");
  EXPECT_EQ(nearest("USER_PROFILE", names), "user_profile");
}

TEST(Nearest, CountsASwapOfNeighboursOnce) {
  EXPECT_EQ(nearest("bca", Names{"abc"}), "");
  EXPECT_EQ(nearest("acb", Names{"abc"}), "abc");
}

TEST(Nearest, GivesNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("zebra", Names{"movie", "user"}), "");
  EXPECT_EQ(nearest("ab", Names{"ac"}), "");
  EXPECT_EQ(nearest("", Names{"a"}), "");
  EXPECT_EQ(nearest("user", {}), "");
}

TEST(Nearest, PrefersTheNearerAndThenTheFirst) {
  EXPECT_EQ(nearest("ratings", Names{"rating", "ratings_7"}), "rating");
  EXPECT_EQ(nearest("ratings_7x", Names{"ratings", "ratings_7d"}), "ratings_7d");
}

TEST(DidYouMean, IsAPhraseOrNothing) {
  EXPECT_EQ(did_you_mean("usr_id", Names{"user_id"}), " (did you mean 'user_id'?)");
  EXPECT_EQ(did_you_mean("zebra", Names{"user_id"}), "");
}

TEST(ToLower, ChangesAsciiLettersOnly) {
  EXPECT_EQ(to_lower("User_ID9@[Z\u00c4"), "user_id9@[z\u00c4");
}

TEST(JoinWords, JoinsWithCommasAndAnd) {
  EXPECT_EQ(join_words({}), "");
  EXPECT_EQ(join_words(Names{"a"}), "a");
  EXPECT_EQ(join_words(Names{"a", "b"}), "a and b");
  EXPECT_EQ(join_words(Names{"a", "b", "c"}), "a, b and c");
}

TEST(Utf8, TakesEachLengthOfSequence) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8(std::string("\0", 1)));
  EXPECT_TRUE(is_utf8("\u00e9 \u20ac \U0001F600 \U0010FFFF \uD7FF \uE000"));
}

TEST(Utf8, RefusesWhatIsNotWellFormed) {
  EXPECT_FALSE(is_utf8("\x80"));   // a lone continuation
  EXPECT_FALSE(is_utf8("a\xC3"));  // cut short
  EXPECT_FALSE(is_utf8("\xE2\x82"));
  EXPECT_FALSE(is_utf8("\xF0\x9F\x98"));
  EXPECT_FALSE(is_utf8("\xC3("));     // no continuation
  EXPECT_FALSE(is_utf8("\xC0\xAF"));  // overlong
  EXPECT_FALSE(is_utf8("\xC1\xBF"));
  EXPECT_FALSE(is_utf8("\xE0\x9F\xBF"));
  EXPECT_FALSE(is_utf8("\xF0\x8F\xBF\xBF"));
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
  EXPECT_FALSE(is_utf8("\xFF"));
}

TEST(Utf8, FindsABadByteAtEachPlaceOfALongText) {
  for (std::size_t size = 0; size < 40; ++size) {
    const std::string good(size, 'a');
    EXPECT_TRUE(is_utf8(good));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char bad : {'\x80', '\xC3', '\xFF'}) {
        std::string text = good;
        text[at] = bad;
        EXPECT_FALSE(is_utf8(text)) << size << ' ' << at;
      }
    }
  }
}

TEST(Utf8, TakesSequencesAtEachPlaceOfALongText) {
  for (const std::string sequence : {"\u00e9", "\u20ac", "\U0001F600"}) {
    for (std::size_t before = 0; before < 20; ++before) {
      for (std::size_t behind = 0; behind < 20; ++behind) {
        const std::string text = std::string(before, 'a') + sequence + std::string(behind, 'b');
        EXPECT_TRUE(is_utf8(text)) << text;
        EXPECT_TRUE(is_utf8(text + text)) << text;
        std::string cut = text;
        cut.erase(before + sequence.size() - 1, 1);
        EXPECT_FALSE(is_utf8(cut)) << text;
      }
    }
  }
}

TEST(Base64, AgreesWithTheVectorsOfRfc4648) {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"},
                                                                 {"\xff\xfe\xfb", "//77"}};
  for (const auto& [bytes, encoded] : vectors) {
    EXPECT_EQ(base64_encode(bytes), encoded);
    EXPECT_EQ(base64_decode(encoded), bytes);
  }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  EXPECT_EQ(base64_decode("Zg"), std::nullopt);
  EXPECT_EQ(base64_decode("Zg="), std::nullopt);
  EXPECT_EQ(base64_decode("Z==="), std::nullopt);
  EXPECT_EQ(base64_decode("===="), std::nullopt);
  EXPECT_EQ(base64_decode("Zh=="), std::nullopt);
  EXPECT_EQ(base64_decode("Zm9="), std::nullopt);
  EXPECT_EQ(base64_decode("Zm 9"), std::nullopt);
  EXPECT_EQ(base64_decode("Zg==Zm8="), std::nullopt);
  EXPECT_EQ(base64_decode("Zm_-"), std::nullopt);
}

TEST(AppendNumber, AlwaysHasAPointOrAnExponent) {
  EXPECT_EQ(text(5.0), "5.0");
  EXPECT_EQ(text(-0.0), "-0.0");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(1e22), "1e+22");
  EXPECT_EQ(text(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(text(std::numeric_limits<double>::denorm_min()), "5e-324");
}

TEST(AppendNumber, IsShortestForItsOwnWidth) {
  EXPECT_EQ(text(0.1F), "0.1");
  EXPECT_EQ(text(16777216.0F), "16777216.0");
  EXPECT_EQ(text(static_cast<double>(0.1F)), "0.10000000149011612");
}

TEST(AppendNumber, NamesWhatIsNoNumber) {
  EXPECT_EQ(text(std::nan("")), "nan");
  EXPECT_EQ(text(-std::nan("")), "nan");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(text(-std::numeric_limits<float>::infinity()), "-inf");
}

}  // namespace
}  // namespace provender

#include "cli/entity_keys.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing/fake_store.hpp"

namespace provender::cli {
namespace {

Result<std::vector<Value>> parse(const std::vector<std::string>& words) {
  FakeData data;
  data.keys = {{"user_id", {Kind::String}}, {"movie_id", {Kind::Int64}}};
  data.known_keys = {"friend_id", "movie_id", "user_id"};
  return parse_entity_keys(words, *make_fake_read(data));
}

std::string key_error_of(const std::vector<std::string>& words) {
  const auto values = parse(words);
  EXPECT_FALSE(values.has_value());
  return values ? "" : std::string(values.error().message());
}

TEST(EntityKeys, AreReadByTheirTypesInTheirOrder) {
  const auto values = parse({"movie_id=11", "user_id=a=b"});
  ASSERT_TRUE(values.has_value());
  EXPECT_THAT(*values, testing::ElementsAre(Value{std::string("a=b")}, Value{std::int64_t{11}}));
}

TEST(EntityKeys, MayBeEmptyText) {
  EXPECT_TRUE(parse({"movie_id=1", "user_id="}).has_value());
}

TEST(EntityKeys, MayBeMoreThanAreNeeded) {
  EXPECT_TRUE(parse({"movie_id=1", "friend_id=b13c", "user_id=8a2f"}).has_value());
}

TEST(EntityKeys, SayWhichIsMissingUnknownTwiceOrMalformed) {
  EXPECT_EQ(key_error_of({"user_id=8a2f"}),
            "key 'movie_id' (int64) is missing: give movie_id=VALUE");
  EXPECT_EQ(key_error_of({"userid=8a2f"}),
            "unknown key 'userid' (did you mean 'user_id'?); the keys of these features: user_id "
            "and movie_id");
  EXPECT_EQ(key_error_of({"user_id=a", "user_id=b"}), "key 'user_id' is given twice");
  EXPECT_EQ(key_error_of({"8a2f"}), "expected KEY=VALUE, found '8a2f'");
  EXPECT_THAT(key_error_of({"movie_id=007"}), testing::StartsWith("key 'movie_id': "));
}

}  // namespace
}  // namespace provender::cli

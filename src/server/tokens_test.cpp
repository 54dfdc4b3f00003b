#include "server/tokens.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/token.hpp"

namespace provender::server {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

ApiToken token(const std::string& secret) {
  return {.name = "of " + secret, .hash = hash_token(secret), .may_read = true};
}

class TokensTest : public ::testing::Test {
 protected:
  int status(Scope scope, std::optional<std::string_view> authorization) const {
    return Tokens(config_).judge(scope, authorization).status;
  }
  ServerConfig config_{.project = "p"};
};

TEST(Token, IsLongAndNewEachTime) {
  const auto [one, hash] = make_token().value();
  EXPECT_THAT(one, MatchesRegex("pv_[A-Za-z0-9_-]+"));
  EXPECT_EQ(one.size(), 46U);
  EXPECT_EQ(hash, hash_token(one));
  EXPECT_NE(one, make_token().value().token);
}

TEST(Token, IsHashedAsOtherProgramsDo) {
  EXPECT_EQ(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(TokensTest, LetEverybodyReadWhereThereAreNone) {
  EXPECT_EQ(status(Scope::None, std::nullopt), 200);
  EXPECT_EQ(status(Scope::Read, std::nullopt), 200);
  EXPECT_EQ(status(Scope::Write, std::nullopt), 403);
  EXPECT_EQ(status(Scope::Admin, std::nullopt), 403);
}

TEST_F(TokensTest, LetEverybodyWriteOnlyOnLoopbackAndOnRequest) {
  config_.allow_writes = true;
  EXPECT_EQ(status(Scope::Write, std::nullopt), 200);
  config_.host = "0.0.0.0";
  config_.insecure = true;
  EXPECT_EQ(status(Scope::Write, std::nullopt), 403);
}

TEST_F(TokensTest, AreNeededOnceOneIsListed) {
  config_.tokens = {token("a"), token("b")};
  config_.allow_writes = true;
  EXPECT_EQ(status(Scope::None, std::nullopt), 200);
  EXPECT_EQ(status(Scope::Read, std::nullopt), 401);
  EXPECT_EQ(status(Scope::Write, std::nullopt), 401);
  EXPECT_EQ(status(Scope::Read, "Bearer a"), 200);
  EXPECT_EQ(status(Scope::Read, "bearer b"), 200);
  EXPECT_EQ(Tokens(config_).judge(Scope::Read, "Bearer b").token->name, "of b");
  for (const char* wrong : {"",
                            "a",
                            "Bearer",
                            "Bearer ",
                            "Bearer c",
                            "Bearer  a",
                            "Bearer a ",
                            "Basic a",
                            "Bearer A",
                            "Bearerxa"}) {
    EXPECT_EQ(status(Scope::Read, wrong), 401) << wrong;
  }
  EXPECT_EQ(status(Scope::Read, "Bearer " + config_.tokens[0].hash), 401);
  EXPECT_EQ(status(Scope::Read, "Bearer a" + std::string(10'000, 'x')), 401);
}

TEST_F(TokensTest, AreRefusedBeyondTheirScopesAndProjects) {
  config_.tokens = {token("reader"), token("writer"), token("elsewhere"), token("here")};
  config_.tokens[1].may_read = false;
  config_.tokens[1].may_write = true;
  config_.tokens[2].projects = {"q"};
  config_.tokens[3].projects = {"q", "p"};
  EXPECT_EQ(status(Scope::Write, "Bearer reader"), 403);
  EXPECT_EQ(status(Scope::Admin, "Bearer writer"), 403);
  EXPECT_EQ(status(Scope::Read, "Bearer writer"), 403);
  EXPECT_EQ(status(Scope::Write, "Bearer writer"), 200);
  EXPECT_EQ(status(Scope::Read, "Bearer elsewhere"), 403);
  EXPECT_EQ(status(Scope::Read, "Bearer here"), 200);
}

TEST_F(TokensTest, TellWhatIsMissingAndNeverTheSecret) {
  config_.tokens = {token("reader")};
  const Tokens tokens(config_);
  EXPECT_EQ(tokens.judge(Scope::Read, std::nullopt).challenge, R"(Bearer realm="provender")");
  const auto wrong = tokens.judge(Scope::Read, "Bearer hunter2");
  EXPECT_THAT(wrong.challenge, HasSubstr("invalid_token"));
  EXPECT_THAT(wrong.message, Not(HasSubstr("hunter2")));
  const auto narrow = tokens.judge(Scope::Write, "Bearer reader");
  EXPECT_THAT(narrow.challenge, HasSubstr(R"(error="insufficient_scope", scope="write")"));
  EXPECT_THAT(narrow.message, HasSubstr("may not write in project p"));
}

}  // namespace
}  // namespace provender::server

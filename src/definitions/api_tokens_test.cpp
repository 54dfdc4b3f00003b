#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/project.hpp"
#include "definitions/testing/folder.hpp"

namespace provender::definitions {
namespace {

using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScopedVariable;

const std::string kHash(64, 'a');

class ApiTokens : public ::testing::Test {
 protected:
  Result<ServerConfig> load(const std::string& tokens) {
    folder_.write("provender.yaml", "project: p\nserver:\n  tokens:\n" + tokens);
    return load_server_config(folder_.path());
  }
  std::string message_of(const std::string& tokens) {
    const auto config = load(tokens);
    if (config) return "no error";
    EXPECT_EQ(config.error().code(), ErrorCode::InvalidArgument);
    return std::string(config.error().message());
  }

  Folder folder_;
};

TEST_F(ApiTokens, HaveTheirHashesInTheTextAFileOrTheEnvironment) {
  const ScopedVariable variable("PROVENDER_TEST_HASH", "sha256:" + std::string(64, 'c'));
  folder_.write("secret/hash", "sha256:" + std::string(64, 'b') + "\n");
  const auto config = load("    - {name: one, hash: 'sha256:" + kHash +
                           "'}\n"
                           "    - {name: two, hash: {file: secret/hash}, scopes: [write]}\n"
                           "    - {name: three, hash: {env: PROVENDER_TEST_HASH}, scopes: [admin],"
                           " projects: [p, q]}\n");
  ASSERT_TRUE(config) << config.error().message();
  ASSERT_EQ(config->tokens.size(), 3U);
  const auto& [one, two, three] = std::tie(config->tokens[0], config->tokens[1], config->tokens[2]);
  EXPECT_EQ(config->project, "p");
  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.hash, kHash);
  EXPECT_TRUE(one.may_read && !one.may_write && !one.may_admin);
  EXPECT_EQ(two.hash, std::string(64, 'b'));
  EXPECT_TRUE(!two.may_read && two.may_write && !two.may_admin);
  EXPECT_EQ(three.hash, std::string(64, 'c'));
  EXPECT_TRUE(three.may_read && three.may_write && three.may_admin);
  EXPECT_THAT(three.projects, ElementsAre("p", "q"));
}

TEST_F(ApiTokens, AreOnlyResolvedForAServer) {
  folder_.write("provender.yaml",
                "project: p\nserver: {tokens: [{name: a, hash: {env: PROVENDER_TEST_UNSET}}]}\n");
  EXPECT_TRUE(load_project(folder_.path()));
  EXPECT_FALSE(load_server_config(folder_.path()));
}

TEST_F(ApiTokens, SayWhatIsWrongWithThem) {
  const std::string good = "hash: 'sha256:" + kHash + "'";
  EXPECT_THAT(message_of("    {}"), HasSubstr("server.tokens: expected a list of tokens"));
  EXPECT_THAT(message_of("    - {" + good + "}"), HasSubstr("'name' is missing"));
  EXPECT_THAT(message_of("    - {name: a}"), HasSubstr("'hash' is missing"));
  EXPECT_THAT(message_of("    - {name: a, hash: []}"), HasSubstr("expected 'sha256:…'"));
  EXPECT_THAT(message_of("    - {name: a, hash: {}}"), HasSubstr("{env: NAME} or {file: PATH}"));
  EXPECT_THAT(message_of("    - {name: a, hash: {env: A, file: b}}"),
              HasSubstr("{env: NAME} or {file: PATH}"));
  EXPECT_THAT(message_of("    - {name: a, scopes: [reed], " + good + "}"),
              HasSubstr("did you mean 'read'?"));
  EXPECT_THAT(message_of("    - {name: a, scopes: [], " + good + "}"),
              HasSubstr("expected a list of read, write and admin"));
  EXPECT_THAT(message_of("    - {name: a, " + good + "}\n    - {name: a, " + good + "}"),
              HasSubstr("two tokens are named 'a'"));
  EXPECT_THAT(message_of("    - {name: a, hash: {env: PROVENDER_TEST_UNSET}}"),
              HasSubstr("provender.yaml:4: the hash of the token 'a': the environment variable "
                        "PROVENDER_TEST_UNSET is not set"));
  EXPECT_THAT(message_of("    - {name: a, hash: {file: nowhere}}"), HasSubstr("nowhere"));
}

TEST_F(ApiTokens, AreNeverShown) {
  for (const std::string tokens : {"    - hunter2",
                                   "    - {name: a, hash: hunter2}",
                                   "    - {name: a, hash: 'sha256:hunter2'}",
                                   "    - {name: a, hash: [hunter2]}"}) {
    EXPECT_THAT(message_of(tokens), Not(HasSubstr("hunter2"))) << tokens;
    EXPECT_THAT(message_of(tokens), Not(HasSubstr("no error"))) << tokens;
  }
}

TEST(ServerSettings, HaveACertificateAndAnAccessLog) {
  const Folder folder;
  folder.write("provender.yaml",
               "project: p\nserver: {tls: {certificate: a.crt, key: /b.key}, access_log: '-'}\n");
  const auto server = load_server_config(folder.path()).value();
  EXPECT_EQ(server.certificate, folder.path() / "a.crt");
  EXPECT_EQ(server.key, "/b.key");
  EXPECT_EQ(server.access_log, "-");
  folder.write("provender.yaml", "project: p\nserver: {tls: {key: b.key}, access_log: logs/a}\n");
  const auto half = load_server_config(folder.path());
  ASSERT_FALSE(half);
  EXPECT_THAT(std::string(half.error().message()), HasSubstr("'certificate' is missing"));
}

}  // namespace
}  // namespace provender::definitions

#include "server/openapi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json/reader.hpp"
#include "server/routes.hpp"

namespace provender::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(OpenApi, NamesTheRoutesThatAreServedAndNoOther) {
  json::Parser parser;
  const std::string text = openapi({});
  const auto document = parser.parse(text);
  ASSERT_TRUE(document) << document.error().message();
  const auto paths = document->find("paths");
  std::size_t count = 0;
  paths->for_each_member([&](std::string_view path, const json::Value& item) {
    ++count;
    const RouteEntry* const route = find_route(path);
    ASSERT_NE(route, nullptr) << path;
    const auto operation = item.find(route->is_get ? "get" : "post");
    ASSERT_TRUE(operation) << path;
    EXPECT_EQ(operation->find("security").has_value(), route->scope == Scope::None) << path;
    EXPECT_EQ(operation->find("responses")->find("401").has_value(), route->scope != Scope::None)
        << path;
  });
  EXPECT_EQ(count, kRouteTable.size());
}

TEST(OpenApi, IsTrueToTheSettings) {
  EXPECT_THAT(openapi({.max_batch_rows = 77}), HasSubstr("\"maxItems\": 77"));
  EXPECT_THAT(openapi({}), Not(HasSubstr("\"security\": [{")));
  EXPECT_THAT(openapi({.tokens = {ApiToken{}}}), HasSubstr("\"security\": [{\"token\": []}]"));
  EXPECT_THAT(openapi({}), Not(HasSubstr("@PROVENDER")));
}

}  // namespace
}  // namespace provender::server

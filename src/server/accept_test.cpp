#include "server/accept.hpp"

#include <gtest/gtest.h>

namespace provender::server {
namespace {

TEST(Accept, FindsArrowAmongWhatIsListed) {
  for (const char* text : {"application/vnd.apache.arrow.stream",
                           "Application/VND.Apache.Arrow.Stream",
                           "application/json, application/vnd.apache.arrow.stream",
                           "application/vnd.apache.arrow.stream;q=0.1,application/json;q=1",
                           "text/html ,\tapplication/vnd.apache.arrow.stream ; q=0.001 , */*"}) {
    EXPECT_TRUE(lists_arrow(text)) << text;
  }
}

TEST(Accept, TakesNothingElseForArrow) {
  for (const char* text : {"",
                           ",",
                           ";",
                           " , ;q=1, ",
                           "*/*",
                           "application/*",
                           "application/json",
                           "application/vnd.apache.arrow.file",
                           "application/vnd.apache.arrow.streams",
                           "application/json;x=application/vnd.apache.arrow.stream",
                           "application/vnd.apache.arrow.stream;q=0",
                           "application/vnd.apache.arrow.stream; v=1; Q=0.000, application/json"}) {
    EXPECT_FALSE(lists_arrow(text)) << text;
  }
}

}  // namespace
}  // namespace provender::server

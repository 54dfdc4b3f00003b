#include "cli/line_logger.hpp"

#include <gtest/gtest.h>

#include "cli/testing/fake_console.hpp"

namespace provender::cli {
namespace {

TEST(LineLogger, WritesTimeLevelAndMessageOnOneLine) {
  FakeConsole console;
  const ManualClock clock(parse_timestamp("2026-11-23T06:00:00.999").value());
  LineLogger logger(console, clock, LogLevel::Info);
  logger.log(LogLevel::Info, "listening\nat last");
  logger.log(LogLevel::Debug, "not asked for");
  logger.log(LogLevel::Error, "broken");
  EXPECT_EQ(console.written_err,
            "2026-11-23T06:00:00Z info listening\\nat last\n"
            "2026-11-23T06:00:00Z error broken\n");
}

}  // namespace
}  // namespace provender::cli

#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/fs.hpp"
#include "http/test_certificate.hpp"
#include "server/access_log.hpp"

namespace provender::server {
namespace {

/// Lines stay whole and none is lost, though the file is moved away meanwhile.
TEST(AccessLogRace, LoopsWriteWhileTheFileIsMoved) {
  constexpr std::size_t kLines = 500;
  const http::test::TestFolder folder;
  const auto path = folder.path() / "access.log";
  NullLogger logger;
  const auto log = *AccessLog::open(path, logger);
  const auto write_all = [&](char letter) {
    const std::string line = std::string(100, letter) + "\n";
    for (std::size_t i = 0; i < kLines; ++i) {
      log->write(line);
    }
  };
  {
    const std::jthread one(write_all, 'a');
    const std::jthread other(write_all, 'b');
    for (int i = 0; i < 5; ++i) {
      std::error_code ignored;  // it may not be there anew yet
      std::filesystem::rename(path, folder.path() / ("access.log." + std::to_string(i)), ignored);
      std::this_thread::yield();
    }
  }
  std::size_t lines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    const std::string text = read_file(entry.path()).value();
    for (std::size_t at = 0; at < text.size(); at += 101, ++lines) {
      const std::string line = text.substr(at, 101);
      ASSERT_TRUE(line == std::string(100, 'a') + "\n" || line == std::string(100, 'b') + "\n");
    }
  }
  EXPECT_EQ(lines, 2 * kLines);
}

}  // namespace
}  // namespace provender::server

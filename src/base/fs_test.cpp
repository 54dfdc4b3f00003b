#include "base/fs.hpp"

#include <cerrno>
#include <csignal>

#include <sys/resource.h>
#include <sys/wait.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace provender {
namespace {

namespace stdfs = std::filesystem;
using testing::HasSubstr;

class Fs : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (stdfs::temp_directory_path() / "provender_fs_XXXXXX").native();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { stdfs::remove_all(folder_); }

  std::size_t file_count() const {
    return static_cast<std::size_t>(
        std::distance(stdfs::directory_iterator(folder_), stdfs::directory_iterator()));
  }

  stdfs::path folder_;
};

TEST_F(Fs, ReadsBackWhatItWrote) {
  const std::string bytes("a\0b\n\xff", 5);
  ASSERT_TRUE(write_file_atomic(folder_ / "x", bytes));
  EXPECT_EQ(read_file(folder_ / "x").value(), bytes);
  EXPECT_EQ(file_count(), 1);
}

TEST_F(Fs, ReplacesAnOlderFile) {
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "older and longer"));
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "new"));
  EXPECT_EQ(read_file(folder_ / "x").value(), "new");
}

TEST_F(Fs, NamesAMissingFile) {
  const auto result = read_file(folder_ / "nowhere");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(std::string(result.error().message()), HasSubstr((folder_ / "nowhere").native()));
}

TEST_F(Fs, RefusesAFileOverTheLimit) {
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "12345"));
  EXPECT_TRUE(read_file(folder_ / "x", 5));
  const auto result = read_file(folder_ / "x", 4);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_THAT(std::string(result.error().message()), HasSubstr("larger than 4 bytes"));
}

TEST_F(Fs, ReadingAFolderIsAnError) {
  EXPECT_EQ(read_file(folder_).error().code(), ErrorCode::Io);
}

TEST_F(Fs, WritingIntoAMissingFolderIsAnError) {
  EXPECT_EQ(write_file_atomic(folder_ / "no" / "x", "").error().code(), ErrorCode::NotFound);
}

TEST_F(Fs, AFolderInTheFilesPlaceIsAnError) {
  stdfs::create_directory(folder_ / "x");
  EXPECT_EQ(write_file_atomic(folder_ / "x", "new").error().code(), ErrorCode::Io);
  EXPECT_TRUE(stdfs::is_directory(folder_ / "x"));
  EXPECT_EQ(file_count(), 1);
}

TEST_F(Fs, AFullDiskLeavesTheOldFileAndNothingElse) {
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "old"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 1000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = write_file_atomic(folder_ / "x", std::string(5000, 'n'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(read_file(folder_ / "x").value(), "old");
  EXPECT_EQ(file_count(), 1);
}

TEST_F(Fs, APendingFileIsGoneUnlessItIsCommitted) {
  {
    const auto pending = PendingFile::create(folder_ / "x");
    ASSERT_TRUE(pending);
    EXPECT_TRUE(stdfs::exists(pending->path()));
  }
  EXPECT_EQ(file_count(), 0);
}

TEST_F(Fs, APendingFileOfAKilledProcessIsGone) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto pending = PendingFile::create(folder_ / "x");
    ::_exit(pending ? 0 : 1);  // no destructor runs
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(PendingFile::create(folder_ / "x").value().commit());
  EXPECT_EQ(file_count(), 1);
}

TEST_F(Fs, APendingFileKeepsWhatIsThereOnRequest) {
  auto first = PendingFile::create(folder_ / "x").value();
  ASSERT_TRUE(write_file_atomic(folder_ / "x", "old"));
  const auto kept = first.commit(PendingFile::Existing::Keep);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().code(), ErrorCode::AlreadyExists);
  EXPECT_EQ(read_file(folder_ / "x").value(), "old");
  auto second = PendingFile::create(folder_ / "y").value();
  EXPECT_TRUE(second.commit(PendingFile::Existing::Keep));
  EXPECT_TRUE(stdfs::exists(folder_ / "y"));
}

TEST_F(Fs, TwoPendingFilesOfOneTargetDoNotMeet) {
  auto first = PendingFile::create(folder_ / "x").value();
  auto second = PendingFile::create(folder_ / "x").value();
  EXPECT_NE(first.path(), second.path());
  EXPECT_TRUE(first.commit());
  EXPECT_TRUE(second.commit());
  EXPECT_EQ(file_count(), 1);
}

TEST_F(Fs, AMovedPendingFileIsRemovedOnce) {
  auto first = PendingFile::create(folder_ / "x").value();
  PendingFile second = std::move(first);
  second = PendingFile::create(folder_ / "y").value();
  EXPECT_TRUE(second.commit());
  EXPECT_TRUE(stdfs::exists(folder_ / "y"));
  EXPECT_FALSE(stdfs::exists(folder_ / "x"));
}

TEST(SystemError, GivesTheCodeThatFits) {
  EXPECT_EQ(system_error("open", "/x", ENOENT).code(), ErrorCode::NotFound);
  EXPECT_EQ(system_error("open", "/x", EACCES).code(), ErrorCode::PermissionDenied);
  EXPECT_EQ(system_error("open", "/x", EROFS).code(), ErrorCode::PermissionDenied);
  EXPECT_EQ(system_error("write", "/x", ENOSPC).code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(system_error("open", "/x", EMFILE).code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(system_error("read", "/x", EIO).code(), ErrorCode::Io);
  EXPECT_EQ(system_error("open", "/x/y", EACCES).message(), "open /x/y: Permission denied");
}

}  // namespace
}  // namespace provender

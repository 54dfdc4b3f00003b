#include "parquet/file.hpp"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parquet/testing_pages.hpp"

namespace provender::parquet {
namespace {

using ::testing::HasSubstr;

/// A footer of no columns, as a file ends with it.
std::string whole_tail() {
  CompactWriter out;
  out.begin_list(2, CompactReader::Type::Struct, 1);
  out.begin_element();
  out.binary(4, "root");
  out.end();
  const std::string footer = out.finish();
  return footer + little_endian(footer.size(), 4) + "PAR1";
}

/// What reading the footer of a file of these bytes fails with; "" if it does not.
std::string footer_failure(std::string_view bytes) {
  const MemoryFile memory(bytes);
  const auto file = File::open(memory.path());
  if (!file) return "it does not open";
  const auto footer = file->read_footer();
  if (footer) return "";
  EXPECT_EQ(footer.error().code(), ErrorCode::InvalidArgument);
  EXPECT_THAT(std::string(footer.error().message()), HasSubstr(memory.path()));
  return std::string(footer.error().message());
}

TEST(File, ReadsItsFooter) {
  EXPECT_EQ(footer_failure("PAR1" + whole_tail()), "");
  EXPECT_EQ(footer_failure("PAR1 and pages" + whole_tail()), "");
}

TEST(File, ThatIsNoParquetFileSaysSo) {
  EXPECT_THAT(footer_failure(""), HasSubstr("too short"));
  EXPECT_THAT(footer_failure("PAR1PAR1"), HasSubstr("too short"));
  EXPECT_THAT(footer_failure("user_id,event_timestamp\n"), HasSubstr("does not end like"));
  EXPECT_THAT(footer_failure("PARE" + whole_tail().replace(whole_tail().size() - 1, 1, "E")),
              HasSubstr("does not end like"));  // encrypted
}

TEST(File, AFooterThatDoesNotFitItSaysSo) {
  const auto with_size = [](std::size_t size) {
    const std::string tail = whole_tail();
    return "PAR1" + tail.substr(0, tail.size() - 8) + little_endian(size, 4) + "PAR1";
  };
  const std::size_t size = whole_tail().size() - 8;
  EXPECT_EQ(footer_failure(with_size(size)), "");
  EXPECT_THAT(footer_failure(with_size(size - 1)), HasSubstr("the footer is damaged"));
  EXPECT_THAT(footer_failure(with_size(0)), HasSubstr("the footer is damaged"));
  EXPECT_THAT(footer_failure(with_size(size + 1)), HasSubstr("does not end like"));
  EXPECT_THAT(footer_failure(with_size(0xFFFF'FFFF)), HasSubstr("does not end like"));
}

TEST(File, ThatIsNotThereOrNoFileIsAnError) {
  const auto folder = std::filesystem::temp_directory_path();
  const auto none = File::open((folder / "provender-no-such-file").string());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::NotFound);
  const auto is_folder = File::open(folder.string());
  ASSERT_FALSE(is_folder);
  EXPECT_EQ(is_folder.error().code(), ErrorCode::InvalidArgument);
}

TEST(File, ReadsWhatIsThereAndSaysWhereItEnds) {
  const MemoryFile memory("0123456789");
  const auto file = File::open(memory.path());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 10);
  std::string some(4, ' ');
  EXPECT_TRUE(file->read(3, some));
  EXPECT_EQ(some, "3456");
  EXPECT_TRUE(file->read(6, some));
  EXPECT_EQ(some, "6789");
  const auto behind = file->read(7, some);
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code(), ErrorCode::Conflict);
  EXPECT_THAT(std::string(behind.error().message()), HasSubstr("changed while it was read"));
  memory.truncate(5);
  EXPECT_EQ(file->read(3, some).error().code(), ErrorCode::Conflict);
}

TEST(File, IsMovedWithItsSize) {
  const MemoryFile one("1");
  const MemoryFile three("333");
  auto a = File::open(one.path());
  auto b = File::open(three.path());
  ASSERT_TRUE(a && b);
  std::string byte(1, ' ');
  *a = std::move(*b);
  EXPECT_EQ(a->size(), 3);
  EXPECT_TRUE(a->read(2, byte));
  EXPECT_EQ(byte, "3");
  const File moved(std::move(*a));
  EXPECT_EQ(moved.size(), 3);
  EXPECT_TRUE(moved.read(0, byte));
}

}  // namespace
}  // namespace provender::parquet

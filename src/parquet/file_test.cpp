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

/// One column of one row group, without what is left out: from 11 on, a field of its metadata.
std::string bare_footer(int left_out) {
  CompactWriter out;
  out.begin_list(2, CompactReader::Type::Struct, 2);
  out.begin_element();
  out.binary(4, "");  // the root has no name to speak of, but says so
  out.integer(5, 1);
  out.end();
  out.begin_element();
  out.integer(1, 2);
  if (left_out != 1) out.binary(4, "a");
  out.end();
  out.begin_list(4, CompactReader::Type::Struct, 1);
  out.begin_element();
  out.begin_list(1, CompactReader::Type::Struct, 1);
  out.begin_element();
  if (left_out != 2) out.integer(2, 4, CompactReader::Type::I64);
  if (left_out != 4) {
    out.begin_struct(3);
    for (const int id : {1, 2, 3, 4, 5, 6, 7, 9}) {
      if (left_out == 10 + id) continue;
      const bool is_list = id == 2 || id == 3;
      is_list ? out.begin_list(id, CompactReader::Type::I32, 0) : out.integer(id, 10);
    }
    out.end();
  }
  out.end();
  if (left_out != 3) out.integer(3, 10, CompactReader::Type::I64);
  out.end();
  return out.finish();
}

TEST(Footer, ElementsWithoutWhatAllHaveAreDamaged) {
  // So that each takes some bytes, and what is made of a footer is not a multiple of its size.
  EXPECT_TRUE(parse_footer(bare_footer(0)));
  for (const int field : {1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 17, 19}) {
    const auto footer = parse_footer(bare_footer(field));
    ASSERT_FALSE(footer) << field;
    EXPECT_EQ(footer.error().message(), "the footer is damaged");
  }
}

TEST(File, AFooterThatIsTooLargeIsNotRead) {
  std::string bytes(static_cast<std::size_t>(kMostFooterBytes) + 5, '\0');
  bytes.replace(0, 4, "PAR1");
  const auto failure = [&](std::int64_t size) {
    const MemoryFile memory(bytes + little_endian(static_cast<std::uint64_t>(size), 4) + "PAR1");
    const auto footer = File::open(memory.path(), "data/f.parquet")->read_footer();
    return footer ? Error(ErrorCode::Internal, "") : footer.error();
  };
  EXPECT_EQ(failure(kMostFooterBytes).code(), ErrorCode::InvalidArgument);  // zeros are no footer
  const Error found = failure(kMostFooterBytes + 1);
  EXPECT_EQ(found.code(), ErrorCode::ResourceExhausted);
  EXPECT_EQ(
      found.message(),
      "the footer of data/f.parquet has 33554433 bytes, more than the 33554432 that are read");
}

TEST(File, IsCalledInMessagesAsWhoOpensItSays) {
  const auto none = File::open("/there/is/none", "data/f.parquet");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message(), "open data/f.parquet: No such file or directory");
  const MemoryFile memory("0123");
  std::string some(5, ' ');
  const auto file = File::open(memory.path(), "data/f.parquet");
  EXPECT_EQ(file->read(0, some).error().message(), "data/f.parquet changed while it was read");
  EXPECT_EQ(file->read_footer().error().message(),
            "data/f.parquet is too short for a Parquet file");
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

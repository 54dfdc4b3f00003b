#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "arrow/batch_builder.hpp"
#include "arrow/check_batch.hpp"
#include "arrow/ipc_writer.hpp"
#include "arrow/testing_rows.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::arrow {
namespace {

using ::testing::HasSubstr;

/// A stream of one batch: strings "first" and "second", and their numbers.
std::string small_stream(std::string_view first = "first") {
  const std::vector<Field> fields = {{.name = "word", .type = {.kind = Kind::String}},
                                     {.name = "number", .type = {.kind = Kind::Int64}}};
  const auto schema = make_schema(fields);
  auto batch = BatchBuilder::create(schema->get(), fields);
  batch->column(0).append_text(first);
  batch->column(0).append_text("second");
  batch->column(1).append(ValueView(std::int64_t{1}));
  batch->column(1).append_null();
  const auto array = batch->finish();
  std::string out;
  auto writer = IpcWriter::append_to(out, schema->get());
  EXPECT_TRUE(writer->write(array->get()));
  EXPECT_TRUE(writer->finish());
  return out;
}

/// What reading the bytes fails with; "" if it does not.
std::string failure(std::string_view bytes) {
  // A copy of the exact size, so that a read beyond it is seen.
  const std::vector<char> exact(bytes.begin(), bytes.end());
  const auto reader = read_ipc({exact.data(), exact.size()});
  if (!reader) {
    EXPECT_EQ(reader.error().code(), ErrorCode::InvalidArgument);
    return std::string(reader.error().message());
  }
  const auto table = read_all(**reader);
  if (table) return "";
  EXPECT_EQ(table.error().code(), ErrorCode::InvalidArgument);
  return std::string(table.error().message());
}

template <class T>
void replace_all(std::string& bytes, T from, T to) {
  const std::string_view wanted(reinterpret_cast<const char*>(&from), sizeof from);
  std::size_t count = 0;
  for (auto at = bytes.find(wanted); at != std::string::npos; at = bytes.find(wanted, at + 8)) {
    std::memcpy(bytes.data() + at, &to, sizeof to);
    ++count;
  }
  EXPECT_GT(count, 0U);
}

TEST(HostileIpc, TheSmallStreamItselfIsRead) {
  EXPECT_EQ(failure(small_stream()), "");
}

TEST(HostileIpc, SaysThatItIsNoArrow) {
  EXPECT_THAT(failure(""), HasSubstr("no Arrow IPC file or stream: it is too short"));
  EXPECT_THAT(failure("user_id,event_timestamp\n"), HasSubstr("does not begin with the mark"));
  EXPECT_THAT(failure(std::string("PAR1") + std::string(40, 'x')), HasSubstr("no Arrow IPC"));
  EXPECT_THAT(failure(std::string("ARROW1\0\0", 8)), HasSubstr("cut off"));
}

TEST(HostileIpc, AStreamCutOffWithinAMessageIsAnError) {
  const std::string whole = small_stream();
  // The end mark may be missing, as a writer that just stops leaves it.
  EXPECT_EQ(failure(std::string_view(whole).substr(0, whole.size() - 8)), "");
  for (std::size_t size = 0; size < whole.size() - 8; ++size) {
    if (failure(std::string_view(whole).substr(0, size)).empty()) {
      // Only between two messages can a stream end unseen.
      const auto cut = std::string_view(whole).substr(0, size);
      const auto table = read_all(**read_ipc(cut));
      EXPECT_EQ(table->batches, 0U) << size;
    }
  }
}

TEST(HostileIpc, AHugeSizeOfAMessageAllocatesNothing) {
  std::string bytes = small_stream();
  const std::int32_t size = 0x7ffffff0;
  std::memcpy(bytes.data() + 4, &size, sizeof size);
  EXPECT_THAT(failure(bytes), HasSubstr("cut off within a message"));
}

TEST(HostileIpc, OffsetsThatLeaveTheTextAreAnError) {
  std::string bytes = small_stream();
  replace_all<std::int64_t>(bytes, 5LL | (11LL << 32U), 5LL | (4000LL << 32U));
  EXPECT_NE(failure(bytes), "");
  bytes = small_stream();
  replace_all<std::int64_t>(bytes, 5LL | (11LL << 32U), 12LL | (11LL << 32U));
  EXPECT_NE(failure(bytes), "");
}

TEST(HostileIpc, TextThatIsNotUtf8IsAnError) {
  EXPECT_THAT(failure(small_stream("fir\xff"
                                   "t")),
              HasSubstr("column 'word', row 1 of its batch: the text is not UTF-8"));
}

TEST(HostileIpc, NoFlippedByteIsReadBeyondTheBytes) {
  const std::string whole = small_stream();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ flip);
      static_cast<void>(failure(bytes));
    }
  }
}

/// The message of the stream's batch, without what stands before it, and its body's size.
struct Message {
  std::vector<std::uint8_t> bytes;
  std::int64_t body = 0;
};

Message batch_message() {
  const std::string stream = small_stream();
  std::int32_t schema = 0;
  std::memcpy(&schema, stream.data() + 4, sizeof schema);
  const std::size_t at = 8 + static_cast<std::size_t>(schema);
  std::int32_t size = 0;
  std::memcpy(&size, stream.data() + at + 4, sizeof size);
  const char* const begin = stream.data() + at + 8;
  return {.bytes = {begin, begin + size},
          .body = static_cast<std::int64_t>(stream.size() - 8 - at - 8) - size};
}

/// Puts another place and length for the buffer of numbers, its 16 bytes at 40.
std::string checked_with(std::int64_t offset, std::int64_t length) {
  Message message = batch_message();
  const std::array<std::int64_t, 2> before = {40, 16};
  const std::array<std::int64_t, 2> after = {offset, length};
  std::array<std::uint8_t, sizeof before> wanted{};
  std::memcpy(wanted.data(), before.data(), sizeof before);
  const auto found = std::ranges::search(message.bytes, wanted);
  EXPECT_FALSE(found.empty());
  if (found.empty()) return "not found";
  std::memcpy(&*found.begin(), after.data(), sizeof after);
  const auto checked = check_buffers(message.bytes, message.body);
  return checked ? "" : std::string(checked.error().message());
}

TEST(HostileIpc, ABufferLiesWithinItsBodyWhateverItsNumbers) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(checked_with(40, 16), "");
  EXPECT_EQ(checked_with(kMost, 0), "");
  EXPECT_THAT(checked_with(48, 16), HasSubstr("does not lie within"));
  EXPECT_THAT(checked_with(kMost - 7, kMost), HasSubstr("does not lie within"));
  EXPECT_THAT(checked_with(-8, 16), HasSubstr("does not lie within"));
  EXPECT_THAT(checked_with(40, -16), HasSubstr("does not lie within"));
  EXPECT_THAT(checked_with(36, 8), HasSubstr("no multiple of 8"));
}

}  // namespace
}  // namespace provender::arrow

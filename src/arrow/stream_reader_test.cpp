#include "arrow/batch_builder.hpp"
#include "arrow/testing_rows.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace provender::arrow {
namespace {

using ::testing::HasSubstr;

/// A stream of this process with one column of strings, and what its tests look at.
struct Fake {
  std::string_view word = "word";
  int fails_at = 3;  ///< number of the batch
  bool whole_rows_null = false;
  int batches = 0;
  bool is_released = false;

  static std::vector<Field> fields() { return {{.name = "word", .type = {.kind = Kind::String}}}; }

  int next(ArrowArray* out) {
    if (++batches == fails_at) return 5;
    *out = {};
    if (batches > 2) return 0;
    const auto schema = make_schema(fields());
    const auto columns = fields();
    auto batch = BatchBuilder::create(schema->get(), columns);
    batch->column(0).append_text(word);
    auto array = batch->finish();
    static const std::uint8_t none = 0;
    if (whole_rows_null) {
      array->get().buffers[0] = &none;
      array->get().null_count = 1;
    }
    *out = array->take();
    return 0;
  }

  Stream stream() {
    Stream out;
    *out.out() = {.get_schema =
                      [](ArrowArrayStream*, ArrowSchema* into) {
                        *into = make_schema(fields())->take();
                        return 0;
                      },
                  .get_next =
                      [](ArrowArrayStream* self, ArrowArray* into) {
                        return static_cast<Fake*>(self->private_data)->next(into);
                      },
                  .get_last_error = [](ArrowArrayStream*) { return "the disk is on fire"; },
                  .release =
                      [](ArrowArrayStream* self) {
                        static_cast<Fake*>(self->private_data)->is_released = true;
                        self->release = nullptr;
                      },
                  .private_data = this};
    return out;
  }
};

TEST(StreamReader, ReadsAllBatchesAndReleasesTheStream) {
  Fake fake{.fails_at = 0};
  {
    const auto reader = read_stream(fake.stream());
    ASSERT_TRUE(reader) << reader.error().message();
    const auto table = read_all(**reader);
    ASSERT_TRUE(table) << table.error().message();
    EXPECT_EQ(table->rows.size(), 2U);
    EXPECT_FALSE(fake.is_released);
  }
  EXPECT_TRUE(fake.is_released);
}

TEST(StreamReader, TellsWhatTheStreamSays) {
  Fake fake{.fails_at = 2};
  const auto table = read_all(**read_stream(fake.stream()));
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code(), ErrorCode::InvalidArgument);
  EXPECT_EQ(table.error().message(), "the disk is on fire");
}

TEST(StreamReader, RefusesTextThatIsNotUtf8) {
  Fake fake{.word = "\x80"};
  const auto table = read_all(**read_stream(fake.stream()));
  ASSERT_FALSE(table);
  EXPECT_THAT(std::string(table.error().message()), HasSubstr("not UTF-8"));
}

TEST(StreamReader, RefusesRowsThatAreNullAsAWhole) {
  Fake fake{.whole_rows_null = true};
  const auto table = read_all(**read_stream(fake.stream()));
  ASSERT_FALSE(table);
  EXPECT_THAT(std::string(table.error().message()), HasSubstr("null as a whole"));
}

TEST(StreamReader, RefusesAStreamThatIsReleased) {
  const auto reader = read_stream(Stream());
  ASSERT_FALSE(reader);
  EXPECT_THAT(std::string(reader.error().message()), HasSubstr("released already"));
}

}  // namespace
}  // namespace provender::arrow

#include "arrow/export_stream.hpp"

#include "arrow/batch_builder.hpp"
#include "arrow/ipc_writer.hpp"
#include "arrow/testing_rows.hpp"
#include <gtest/gtest.h>

namespace provender::arrow {
namespace {

std::string two_batches() {
  const std::vector<Field> fields = {{.name = "word", .type = {.kind = Kind::String}}};
  const auto schema = make_schema(fields);
  std::string out;
  auto writer = IpcWriter::append_to(out, schema->get());
  for (const std::string_view word : {"one", "two"}) {
    auto batch = BatchBuilder::create(schema->get(), fields);
    batch->column(0).append_text(word);
    EXPECT_TRUE(writer->write(batch->finish()->get()));
  }
  EXPECT_TRUE(writer->finish());
  return out;
}

TEST(ExportStream, GivesWhatTheReaderReadsAndItsSchemaAnyNumberOfTimes) {
  const std::string bytes = two_batches();
  Stream stream = export_stream(*read_ipc(bytes));
  Schema schema;
  ASSERT_EQ(stream->get_schema(stream.out(), schema.out()), 0);
  auto reader = read_stream(std::move(stream));
  ASSERT_TRUE(reader) << reader.error().message();
  const auto table = read_all(**reader);
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_EQ(table->batches, 2U);
  EXPECT_EQ(table->column("word").at(1), Value{.storage = std::string("two")});
}

TEST(ExportStream, TellsTheReadersError) {
  std::string bytes = two_batches();
  bytes.resize(bytes.size() - 40);
  Stream stream = export_stream(*read_ipc(bytes));
  EXPECT_EQ(stream->get_last_error(stream.out()), nullptr);
  int failed = 0;
  for (int i = 0; i < 3 && failed == 0; ++i) {
    Array batch;
    failed = stream->get_next(stream.out(), batch.out());
  }
  EXPECT_NE(failed, 0);
  EXPECT_STREQ(stream->get_last_error(stream.out()), "it is cut off within a message");
}

}  // namespace
}  // namespace provender::arrow

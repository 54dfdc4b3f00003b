#include <cmath>
#include <filesystem>
#include <limits>

#include "arrow/batch_builder.hpp"
#include "arrow/ipc_writer.hpp"
#include "arrow/testing_rows.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::arrow {
namespace {

using ::testing::HasSubstr;

constexpr Kind kKinds[] = {Kind::Bool,
                           Kind::Int32,
                           Kind::Int64,
                           Kind::Float32,
                           Kind::Float64,
                           Kind::String,
                           Kind::Bytes,
                           Kind::Timestamp};

std::vector<Field> all_types() {
  std::vector<Field> out;
  for (const Kind kind : kKinds) {
    for (const bool is_list : {false, true}) {
      const Type type{.kind = kind, .is_list = is_list};
      out.push_back({.name = to_string(type), .type = type});
    }
  }
  return out;
}

/// Two values of each kind, at its ends where it has some.
std::vector<Value> values_of(Kind kind) {
  using Limits32 = std::numeric_limits<std::int32_t>;
  using Limits64 = std::numeric_limits<std::int64_t>;
  switch (kind) {
    case Kind::Bool:
      return {{true}, {false}};
    case Kind::Int32:
      return {{Limits32::min()}, {Limits32::max()}};
    case Kind::Int64:
      return {{Limits64::min()}, {Limits64::max()}};
    case Kind::Float32:
      return {{std::numeric_limits<float>::quiet_NaN()}, {-0.0F}};
    case Kind::Float64:
      return {{-std::numeric_limits<double>::infinity()}, {0.1}};
    case Kind::String:
      return {{std::string("Zürich")}, {std::string()}};
    case Kind::Bytes:
      return {{Bytes{std::string("\xff\0\x80", 3)}}, {Bytes{""}}};
    case Kind::Timestamp:
      return {{Timestamp(Duration(-1))}, {Timestamp(Duration(1'778'191'200'000'001))}};
  }
  return {};
}

/// For each type a row of its first value, a null and its second; lists are [first, null, second],
/// null and [].
void fill(BatchBuilder& batch, const std::vector<Field>& fields) {
  for (std::size_t c = 0; c < fields.size(); ++c) {
    ColumnBuilder& column = batch.column(c);
    const auto values = values_of(fields[c].type.kind);
    const Type element{.kind = fields[c].type.kind};
    if (fields[c].type.is_list) {
      ListBytes bytes;
      column.append(ValueView(list_of({values[0], {}, values[1]}, element.kind, bytes)));
      column.append_null();
      ListBytes none;
      column.append(ValueView(list_of({}, element.kind, none)));
    } else {
      column.append(to_view(values[0], element));
      column.append_null();
      column.append(to_view(values[1], element));
    }
  }
}

std::vector<std::vector<Value>> expected(const std::vector<Field>& fields) {
  std::vector<std::vector<Value>> out(3);
  for (const Field& field : fields) {
    const auto values = values_of(field.type.kind);
    if (field.type.is_list) {
      out[0].emplace_back(ValueList{values[0], {}, values[1]});
      out[2].emplace_back(ValueList{});
    } else {
      out[0].push_back(values[0]);
      out[2].push_back(values[1]);
    }
    out[1].emplace_back();
  }
  return out;
}

Result<Array> batch_of(const ArrowSchema& schema, const std::vector<Field>& fields) {
  PROVENDER_ASSIGN(BatchBuilder batch, BatchBuilder::create(schema, fields));
  fill(batch, fields);
  return batch.finish();
}

Result<std::string> stream_of(const std::vector<Field>& fields, int batches) {
  std::string out;
  PROVENDER_ASSIGN(const Schema schema, make_schema(fields));
  PROVENDER_ASSIGN(IpcWriter writer, IpcWriter::append_to(out, schema.get()));
  for (int i = 0; i < batches; ++i) {
    PROVENDER_ASSIGN(const Array batch, batch_of(schema.get(), fields));
    PROVENDER_TRY(writer.write(batch.get()));
  }
  PROVENDER_TRY(writer.finish());
  return out;
}

Result<Table> table_of(std::string_view bytes) {
  PROVENDER_ASSIGN(const auto reader, read_ipc(bytes));
  return read_all(*reader);
}

Result<Table> written_and_read(const ArrowSchema& schema, const ArrowArray& batch) {
  std::string bytes;
  PROVENDER_ASSIGN(IpcWriter writer, IpcWriter::append_to(bytes, schema));
  PROVENDER_TRY(writer.write(batch));
  PROVENDER_TRY(writer.finish());
  return table_of(bytes);
}

TEST(ArrowIpc, KeepsEveryTypeWithItsNulls) {
  const auto fields = all_types();
  const auto bytes = stream_of(fields, 1);
  ASSERT_TRUE(bytes) << bytes.error().message();
  const auto table = table_of(*bytes);
  ASSERT_TRUE(table) << table.error().message();
  ASSERT_EQ(table->fields.size(), fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    EXPECT_EQ(table->fields[i].name, fields[i].name);
    EXPECT_EQ(table->fields[i].type, fields[i].type) << fields[i].name;
  }
  EXPECT_EQ(table->rows, expected(fields));
}

TEST(ArrowIpc, ReadsBatchAfterBatch) {
  const auto bytes = stream_of(all_types(), 3);
  ASSERT_TRUE(bytes) << bytes.error().message();
  const auto table = table_of(*bytes);
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_EQ(table->batches, 3U);
  EXPECT_EQ(table->rows.size(), 9U);
}

TEST(ArrowIpc, AStreamWithoutBatchesHasItsColumns) {
  const auto bytes = stream_of(all_types(), 0);
  ASSERT_TRUE(bytes) << bytes.error().message();
  const auto table = table_of(*bytes);
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_EQ(table->fields.size(), 16U);
  EXPECT_TRUE(table->rows.empty());
}

TEST(ArrowIpc, ABatchWithoutRowsIsRead) {
  const auto fields = all_types();
  const auto schema = make_schema(fields);
  ASSERT_TRUE(schema);
  const auto array = BatchBuilder::create(schema->get(), fields).value().finish();
  ASSERT_TRUE(array);
  const auto table = written_and_read(schema->get(), array->get());
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_EQ(table->batches, 1U);
  EXPECT_TRUE(table->rows.empty());
}

TEST(ArrowIpc, NullsMayComeAfterManyValues) {
  const std::vector<Field> fields = {{.name = "n", .type = {.kind = Kind::Int64}},
                                     {.name = "b", .type = {.kind = Kind::Bool}}};
  const auto schema = make_schema(fields);
  ASSERT_TRUE(schema);
  auto batch = BatchBuilder::create(schema->get(), fields);
  ASSERT_TRUE(batch);
  for (std::int64_t i = 0; i < 20; ++i) {
    batch->column(0).append(ValueView(i));
    i == 17 ? batch->column(1).append_null() : batch->column(1).append(ValueView(i % 3 == 0));
  }
  const auto array = batch->finish();
  ASSERT_TRUE(array);
  const auto table = written_and_read(schema->get(), array->get());
  ASSERT_TRUE(table) << table.error().message();
  for (std::int64_t i = 0; i < 20; ++i) {
    const auto& row = table->rows[static_cast<std::size_t>(i)];
    EXPECT_EQ(row[0], Value{i});
    EXPECT_EQ(row[1], i == 17 ? Value{} : Value{i % 3 == 0}) << i;
  }
}

class ArrowIpcFile : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              ("arrow_ipc_file_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<> write(const std::filesystem::path& path) {
    const auto fields = all_types();
    PROVENDER_ASSIGN(const Schema schema, make_schema(fields));
    PROVENDER_ASSIGN(IpcWriter writer, IpcWriter::write_file(path, schema.get()));
    for (int i = 0; i < 2; ++i) {
      PROVENDER_ASSIGN(const Array batch, batch_of(schema.get(), fields));
      PROVENDER_TRY(writer.write(batch.get()));
    }
    return writer.finish();
  }

  std::filesystem::path folder_;
};

TEST_F(ArrowIpcFile, IsReadAsItWasWritten) {
  const auto path = folder_ / "x.arrow";
  const auto written = write(path);
  ASSERT_TRUE(written) << written.error().message();
  const auto reader = read_ipc_file(path);
  ASSERT_TRUE(reader) << reader.error().message();
  const auto table = read_all(**reader);
  ASSERT_TRUE(table) << table.error().message();
  EXPECT_EQ(table->batches, 2U);
  auto twice = expected(all_types());
  const auto once = twice;
  twice.insert(twice.end(), once.begin(), once.end());
  EXPECT_EQ(table->rows, twice);
}

TEST_F(ArrowIpcFile, CutOffAnywhereIsAnError) {
  const auto path = folder_ / "x.arrow";
  ASSERT_TRUE(write(path));
  const auto bytes = read_file(path);
  ASSERT_TRUE(bytes);
  for (std::size_t size = 0; size < bytes->size(); size += size < 64 ? 1 : 61) {
    const auto table = table_of(std::string_view(*bytes).substr(0, size));
    EXPECT_FALSE(table) << size;
  }
}

TEST_F(ArrowIpcFile, NamesAFileThatIsNotThereAndADiskThatIsFull) {
  const auto reader = read_ipc_file(folder_ / "none.arrow");
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(std::string(reader.error().message()), HasSubstr("none.arrow"));
  const auto written = write("/dev/full");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::ResourceExhausted);
}

}  // namespace
}  // namespace provender::arrow

#include <filesystem>

#include "arrow/batch_builder.hpp"
#include "arrow/batch_reader.hpp"
#include "arrow/export_stream.hpp"
#include "arrow/ipc_writer.hpp"
#include "arrow/testing_rows.hpp"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "offline/duckdb/arrow_result.hpp"
#include "offline/duckdb/duckdb_store.hpp"
#include "offline/duckdb/test_engines.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/duckdb/test_views.hpp"

/// Training rows from Arrow and as Arrow.
namespace provender::offline {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kSecond = 1'000'000;

Value at_second(std::int64_t second) {
  return {.storage = Timestamp(Duration(second * kSecond))};
}

class ArrowTest : public ::testing::TestWithParam<JoinEngine> {
 protected:
  ArrowTest() {
    project_.write("data/f.parquet",
                   "SELECT range % 100 AS user_id, make_timestamp((range // 100) * 1000000) AS "
                   "event_timestamp, range AS f, 'text ' || range AS s FROM range(1000)");
    add_view(definitions_, "v", parquet("data/f.parquet"), "f");
    options_.spine = project_.path("spine.arrow");
    options_.out = project_.path("out.arrow");
  }

  /// Rows of (user, second) as the batches of an IPC file.
  void write_spine(
      const std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>>& batches) const {
    const std::vector<arrow::Field> fields = {
        {.name = "user_id", .type = {.kind = Kind::Int64}},
        {.name = "event_timestamp", .type = {.kind = Kind::Timestamp}},
        {.name = "label", .type = {.kind = Kind::String}}};
    const auto schema = arrow::make_schema(fields);
    auto writer = arrow::IpcWriter::write_file(options_.spine, schema->get());
    for (const auto& rows : batches) {
      auto batch = arrow::BatchBuilder::create(schema->get(), fields);
      for (const auto& [user, second] : rows) {
        batch->column(0).append(ValueView(user));
        batch->column(1).append_timestamp(Timestamp(Duration(second * kSecond)));
        batch->column(2).append_text(fmt::format("{}@{}", user, second));
      }
      EXPECT_TRUE(writer->write(batch->finish()->get()));
    }
    EXPECT_TRUE(writer->finish());
  }

  /// The rows of a SELECT as an IPC file.
  void write_spine(const std::string& select) {
    auto database = Database::open({.memory_limit = 1U << 30,
                                    .temp_parent = project_.path(".provender/tmp"),
                                    .allowed_directories = {},
                                    .allowed_files = {}});
    auto connection = Connection::open(*database, {});
    ArrowResult file(options_.spine);
    const auto done = file.append(*connection, select);
    ASSERT_TRUE(done) << done.error().message();
    ASSERT_TRUE(file.finish());
  }

  Result<HistoricalReport> run() {
    auto opened = project_.options();
    opened.join_engine = GetParam();
    DuckdbStore store(opened);
    const std::vector<std::string> names = {"v:f"};
    auto selection = provender::select(definitions_, {.features = names, .service = ""});
    if (!selection) return std::move(selection).error();
    return store.historical(
        {.definitions = definitions_, .selection = *selection, .options = options_}, {});
  }

  std::string message() {
    const auto done = run();
    if (done) return "";
    EXPECT_EQ(done.error().code(), ErrorCode::InvalidArgument);
    EXPECT_FALSE(fs::exists(options_.out));
    return std::string(done.error().message());
  }

  static arrow::Table read(Result<std::unique_ptr<arrow::BatchReader>> reader) {
    EXPECT_TRUE(reader) << reader.error().message();
    if (!reader) return {};
    auto table = arrow::read_all(**reader);
    EXPECT_TRUE(table) << table.error().message();
    return table ? *std::move(table) : arrow::Table{};
  }

  TestProject project_;
  Definitions definitions_ = user_definitions();
  HistoricalOptions options_;
};

TEST_P(ArrowTest, AFileGivesAFileOfTheSameRowsInTheirOrder) {
  write_spine({{{7, 3}, {7, 0}, {500, 3}}, {}, {{3, 9}, {7, 3}}});
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->rows, 5U);
  const auto table = read(arrow::read_ipc_file(options_.out));
  EXPECT_THAT(table.column("user_id"),
              ElementsAre(Value{.storage = std::int64_t{7}},
                          Value{.storage = std::int64_t{7}},
                          Value{.storage = std::int64_t{500}},
                          Value{.storage = std::int64_t{3}},
                          Value{.storage = std::int64_t{7}}));
  EXPECT_THAT(table.column("event_timestamp"),
              ElementsAre(at_second(3), at_second(0), at_second(3), at_second(9), at_second(3)));
  EXPECT_EQ(table.column("label").at(3), Value{.storage = std::string("3@9")});
  EXPECT_THAT(table.column("f"),
              ElementsAre(Value{.storage = std::int64_t{307}},
                          Value{.storage = std::int64_t{7}},
                          Value{},
                          Value{.storage = std::int64_t{903}},
                          Value{.storage = std::int64_t{307}}));
}

TEST_P(ArrowTest, AStreamGivesAStreamThatOutlivesTheStore) {
  write_spine({{{7, 3}}, {{3, 9}}});
  auto batches = arrow::read_ipc_file(options_.spine);
  arrow::Stream spine = arrow::export_stream(*std::move(batches));
  arrow::Stream out;
  options_.spine.clear();
  options_.out.clear();
  options_.spine_stream = spine.out();
  options_.out_stream = out.out();
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(spine);
  project_.sql("COPY (SELECT 1 AS f) TO '@/data/f.parquet'");
  const auto table = read(arrow::read_stream(std::move(out)));
  EXPECT_THAT(
      table.column("f"),
      ElementsAre(Value{.storage = std::int64_t{307}}, Value{.storage = std::int64_t{903}}));
  EXPECT_TRUE(project_.list(".provender/tmp").empty());
}

TEST_P(ArrowTest, AFailedCallReleasesTheSpineAndGivesNoStream) {
  write_spine("SELECT 1 AS user_id, 'noon' AS event_timestamp");
  arrow::Stream spine = arrow::export_stream(*arrow::read_ipc_file(options_.spine));
  arrow::Stream out;
  options_.spine.clear();
  options_.out.clear();
  options_.spine_stream = spine.out();
  options_.out_stream = out.out();
  EXPECT_THAT(message(), AllOf(HasSubstr("the spine"), HasSubstr("event_timestamp")));
  EXPECT_FALSE(spine);
  EXPECT_FALSE(out);
  EXPECT_TRUE(project_.list(".provender/tmp").empty());
  options_.out = project_.path("out.arrow");
  EXPECT_THAT(message(), HasSubstr("a file and as a stream"));
  options_.out_stream = nullptr;
  EXPECT_THAT(message(), HasSubstr("released already"));
  options_.spine = project_.path("spine.arrow");
  EXPECT_THAT(message(), HasSubstr("more than one"));
}

TEST_P(ArrowTest, ColumnsOfAnyTypePassThrough) {
  write_spine(
      "SELECT 7::BIGINT AS user_id, TIMESTAMP_NS '1970-01-01 00:00:03.000001' AS "
      "event_timestamp, 1.25::DECIMAL(9,2) AS d, {'a': [1, NULL]} AS s, DATE '2026-05-01' AS day, "
      "3::UTINYINT AS u, [1.5::FLOAT, 2]::FLOAT[2] AS pair, TIME '12:30:00' AS noon, "
      "MAP {'k': 1} AS m, true AS b, 'x'::BLOB AS raw, "
      "TIMESTAMPTZ '2026-05-01 02:00:00+02' AS z");
  ASSERT_TRUE(run()) << message();
  const auto before = arrow::read_ipc_file(options_.spine);
  const auto after = arrow::read_ipc_file(options_.out);
  ASSERT_TRUE(before && after);
  ASSERT_EQ((*after)->schema().n_children, (*before)->schema().n_children + 1);
  for (std::int64_t i = 0; i < (*before)->schema().n_children; ++i) {
    EXPECT_STREQ((*after)->schema().children[i]->format, (*before)->schema().children[i]->format)
        << (*before)->schema().children[i]->name;
  }
  EXPECT_TRUE((*after)->next());
}

TEST_P(ArrowTest, AnEmptySpineGivesItsColumns) {
  write_spine(std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>>{});
  ASSERT_TRUE(run());
  const auto table = read(arrow::read_ipc_file(options_.out));
  EXPECT_TRUE(table.rows.empty());
  EXPECT_EQ(table.fields.size(), 4U);
}

TEST_P(ArrowTest, TheOrderOfManyRowsIsKept) {
  write_spine(
      "SELECT range % 100 AS user_id, make_timestamp((range % 10) * 1000000) AS event_timestamp, "
      "range AS label FROM range(100000)");
  ASSERT_TRUE(run());
  const auto table = read(arrow::read_ipc_file(options_.out));
  const auto labels = table.column("label");
  const auto values = table.column("f");
  ASSERT_EQ(labels.size(), 100'000U);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<std::int64_t>(i);
    ASSERT_EQ(labels[i], Value{.storage = row});
    ASSERT_EQ(values[i], Value{.storage = row % 10 * 100 + row % 100});
  }
}

TEST_P(ArrowTest, NanosecondsThatWouldGetLostAreAnError) {
  write_spine(
      "SELECT 7::BIGINT AS user_id, TIMESTAMP_NS '1970-01-01 00:00:03.000001500' AS t, "
      "TIMESTAMP '1970-01-01' AS event_timestamp");
  ASSERT_TRUE(run()) << message();  // a column that is only kept may have them
  fs::remove(options_.out);
  options_.event_timestamp = "t";
  EXPECT_THAT(message(), AllOf(HasSubstr("row 1"), HasSubstr("'t'")));
}

TEST_P(ArrowTest, WhatIsNoArrowFileOrIsCutOffIsAnError) {
  write_spine("SELECT 7::BIGINT AS user_id, TIMESTAMP '1970-01-01' AS event_timestamp, 1 AS a");
  const std::string whole = project_.read_text("spine.arrow");
  for (const std::size_t size :
       {whole.size() - 1, whole.size() / 2, std::size_t{9}, std::size_t{0}}) {
    project_.write_text("spine.arrow", whole.substr(0, size));
    EXPECT_THAT(message(), AllOf(HasSubstr("spine.arrow"), HasSubstr("no Arrow IPC"))) << size;
  }
  project_.write_text("spine.arrow", "user_id,event_timestamp\n1,2026-05-01\n");
  EXPECT_THAT(message(), HasSubstr("no Arrow IPC"));
}

/// A stream of columns without rows, of Arrow's own types.
struct Columns {
  explicit Columns(const std::vector<std::pair<const char*, const char*>>& names_and_formats) {
    for (const auto& [name, format] : names_and_formats) {
      columns.push_back({.format = format, .name = name, .release = [](ArrowSchema*) {}});
    }
    for (ArrowSchema& column : columns) {
      children.push_back(&column);
    }
  }

  ArrowArrayStream stream() {
    return {.get_schema =
                [](ArrowArrayStream* self, ArrowSchema* out) {
                  auto& schemas = static_cast<Columns*>(self->private_data)->children;
                  *out = {.format = "+s",
                          .name = "",
                          .n_children = static_cast<std::int64_t>(schemas.size()),
                          .children = schemas.data(),
                          .release = [](ArrowSchema* schema) { schema->release = nullptr; }};
                  return 0;
                },
            .get_next =
                [](ArrowArrayStream*, ArrowArray* out) {
                  *out = {};
                  return 0;
                },
            .get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; },
            .release = [](ArrowArrayStream* self) { self->release = nullptr; },
            .private_data = this};
  }

  std::vector<ArrowSchema> columns;
  std::vector<ArrowSchema*> children;
};

TEST_P(ArrowTest, AColumnThatCannotBeReadIsNamed) {
  options_.spine.clear();
  Columns wide({{"user_id", "l"}, {"event_timestamp", "tsu:"}, {"price", "d:50,2,256"}});
  ArrowArrayStream stream = wide.stream();
  options_.spine_stream = &stream;
  EXPECT_THAT(message(), AllOf(HasSubstr("'price'"), HasSubstr("d:50,2,256")));
  Columns twice({{"user_id", "l"}, {"event_timestamp", "tsu:"}, {"User_Id", "l"}});
  stream = twice.stream();
  EXPECT_THAT(message(), HasSubstr("'User_Id' twice"));
  Columns none({});
  stream = none.stream();
  EXPECT_THAT(message(), HasSubstr("no columns"));
  Columns fine({{"user_id", "i"}, {"event_timestamp", "tsn:UTC"}});
  stream = fine.stream();
  EXPECT_EQ(message(), "");
}

INSTANTIATE_TEST_SUITE_P(Engines, ArrowTest, each_engine(), engine_name);

}  // namespace
}  // namespace provender::offline

#include "runner.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "definitions/loader.hpp"
#include "model/reference.hpp"
#include "offline/conversion.hpp"
#include "offline/duckdb/test_project.hpp"
#include "offline/source_check.hpp"
#include "offline/sql_text.hpp"

namespace provender::scenario {
namespace {

template <class T>
T expect(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().message()));
  return *std::move(result);
}

std::string text_of(const std::vector<Value>& row, const std::vector<Table::Column>& columns) {
  std::string out;
  for (std::size_t i = 0; i < row.size(); ++i) {
    out += (out.empty() ? "" : " | ") + write_cell(row[i], columns[i].type);
  }
  return out;
}

void compare(const Table& expected, const std::vector<std::vector<Value>>& actual) {
  EXPECT_EQ(actual.size(), expected.rows.size());
  for (std::size_t i = 0; i < std::min(actual.size(), expected.rows.size()); ++i) {
    ASSERT_EQ(actual[i].size(), expected.columns.size());
    EXPECT_EQ(text_of(actual[i], expected.columns), text_of(expected.rows[i], expected.columns))
        << "row " << i + 1;
    EXPECT_TRUE(actual[i] == expected.rows[i]) << "row " << i + 1 << ", in its bits";
  }
}

/// The least that DuckDB writes: tables of more rows have several row groups.
constexpr std::size_t kRowGroupRows = 2048;

/// Runs one file, section by section.
class Runner {
 public:
  explicit Runner(offline::JoinEngine engine) {
    auto options = project_.options();
    options.join_engine = engine;
    store_ = expect(offline::open_offline_store(options));
  }

  void run(const Section& section) {
    if (section.word == "definitions") return define(section.text);
    if (section.word == "table") return write(section.arguments.at(0), section.text);
    if (section.word == "spine") return write("spine.parquet", section.text);
    if (section.word == "historical") return historical(section);
    if (section.word == "latest") return latest(section);
    if (section.word == "as_of") return as_of(section);
    throw std::runtime_error("unknown section " + section.word);
  }

 private:
  void define(const std::string& yaml) {
    project_.write_text("features.yaml", yaml);
    definitions::ProjectConfig config{.folder = project_.folder(), .project = "scenario"};
    config.definitions.push_back({.path = project_.path("features.yaml")});
    definitions_ = expect(definitions::load_definitions(config));
  }

  void write(const std::string& file, const std::string& text) {
    write_table(project_, file, expect(read_table(text)));
  }

  void resolve() {
    const auto sources = expect(offline::resolve_sources(*store_, definitions_, {}));
    if (sources.problems.empty()) return;
    throw std::runtime_error(std::string(to_error(sources.problems).message()));
  }

  /// Takes a word out of the arguments; whether it was there.
  static bool take(std::vector<std::string>& arguments, const std::string& word) {
    return std::erase(arguments, word) > 0;
  }

  static Timestamp take_time(std::vector<std::string>& arguments) {
    const Timestamp out = expect(parse_timestamp(arguments.at(0)));
    arguments.erase(arguments.begin());
    return out;
  }

  void historical(const Section& section) {
    resolve();
    auto words = section.arguments;
    HistoricalOptions options{.features = {},
                              .spine = project_.path("spine.parquet"),
                              .out = project_.path("out.parquet"),
                              .overwrite = true};
    // Only as the first word: behind it a feature may have that name.
    const std::string first = words.at(0);
    if (first == "range" && take(words, first)) {
      options.spine.clear();
      options.range = {.start = take_time(words), .end = take_time(words)};
    } else if (first == "at" && take(words, first)) {
      options.spine.clear();
      options.at = take_time(words);
    }
    options.strictly_before = take(words, "strictly_before");
    options.known_by_created = take(words, "known_by_created");
    options.with_status = take(words, "with_status");
    const bool full_names = take(words, "full_names");
    const std::string service = take(words, "service") ? std::exchange(words, {}).at(0) : "";
    if (std::ranges::find(words, "as") != words.end()) {  // roles have blanks in them
      words = split_references(offline::sql::join(words, " "));
    }
    const Selection selection = expect(
        select(definitions_, {.features = words, .service = service, .full_names = full_names}));
    expect(store_->historical(
        {.definitions = definitions_, .selection = selection, .options = options}, {}));
    const Table expected = expect(read_table(section.text));
    std::vector<std::string> names;
    for (const Table::Column& column : expected.columns) {
      names.push_back(column.name);
    }
    const offline::Rows columns =
        project_.rows("SELECT column_name FROM (DESCRIBE FROM '@/out.parquet')");
    ASSERT_EQ(columns.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      EXPECT_EQ(std::get<std::string>(columns[i][0].storage), names[i]);
    }
    compare(expected, project_.rows("FROM '@/out.parquet'"));
  }

  void latest(const Section& section) {
    resolve();
    const FeatureView* view = definitions_.feature_view(section.arguments.at(0));
    const Timestamp end = expect(parse_timestamp(section.arguments.at(1)));
    const auto reader = expect(store_->latest(definitions_, *view, end, {}));
    std::vector<std::vector<Value>> rows;
    while (const auto batch = expect(reader->next())) {
      for (std::size_t row = 0; row < batch->rows; ++row) {
        rows.emplace_back();
        for (const ColumnView& column : batch->columns) {
          rows.back().push_back(value_at(column, row));
        }
      }
    }
    compare(expect(read_table(section.text)), rows);
  }

  /// Arguments: the time, then key values in the order of the request's keys. The table: one row a
  /// feature, with its name, status, value and event timestamp.
  void as_of(const Section& section) {
    resolve();
    const Table expected = expect(read_table(section.text));
    std::vector<std::string> features;
    for (const auto& row : expected.rows) {
      features.push_back(std::get<std::string>(row[0].storage));
    }
    const Selection selection =
        expect(select(definitions_, {.features = features, .service = "", .full_names = false}));
    std::vector<Value> keys;
    for (std::size_t i = 0; i < selection.keys.size(); ++i) {
      const auto type = key_type(selection, selection.keys[i]);
      keys.push_back(expect(parse_value(section.arguments.at(i + 1), type)));
    }
    const auto values = expect(store_->as_of(
        definitions_, selection, keys, expect(parse_timestamp(section.arguments.at(0))), {}));
    std::vector<std::vector<Value>> rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
      rows.push_back(
          {{.storage = features[i]},
           {.storage = std::string(to_string(values[i].status))},
           values[i].value,
           values[i].event_timestamp ? Value{.storage = *values[i].event_timestamp} : Value{}});
    }
    compare(expected, rows);
  }

  Type key_type(const Selection& selection, const RequestKey& key) const {
    for (const SelectedView& selected : selection.views) {
      const auto keys = join_keys(definitions_, *definitions_.feature_view(selected.view));
      for (std::size_t i = 0; i < keys.size(); ++i) {
        if (selected.request_keys[i] == key.name) return keys[i].type.value();
      }
    }
    throw std::runtime_error("no type for " + key.name);
  }

  offline::TestProject project_;
  std::unique_ptr<offline::OfflineStore> store_;
  Definitions definitions_;
};

}  // namespace

void write_table(offline::TestProject& project, const std::string& file, const Table& table) {
  std::vector<std::string> names;
  std::vector<std::string> nulls;
  std::vector<std::string> rows;
  for (const Table::Column& column : table.columns) {
    names.push_back(offline::sql::identifier(column.name));
    nulls.push_back(offline::sql_literal({}, column.type));
  }
  // The first row gives the columns their types.
  rows.push_back("(0, " + offline::sql::join(nulls, ", ") + ")");
  for (std::size_t first = 0, next = 0; first < table.rows.size(); first = next) {
    const auto& row = table.rows[first];
    ++next;
    while (next < table.rows.size() && table.rows[next] == row) {
      ++next;
    }
    std::vector<std::string> cells = {std::to_string(next - first)};
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(offline::sql_literal(row[i], table.columns[i].type));
    }
    rows.push_back("(" + offline::sql::join(cells, ", ") + ")");
  }
  project.write(file,
                fmt::format("SELECT {1} FROM (SELECT *, unnest(range(times_)) FROM (VALUES {0}) "
                            "t(times_, {1}))",
                            offline::sql::join(rows, ", "),
                            offline::sql::join(names, ", ")),
                kRowGroupRows);
}

void run_scenario(std::span<const Section> sections, offline::JoinEngine engine) {
  Runner runner(engine);
  for (const Section& section : sections) {
    SCOPED_TRACE(section.word + " " + offline::sql::join(section.arguments, " "));
    runner.run(section);
  }
}

}  // namespace provender::scenario

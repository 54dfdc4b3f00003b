#include <cstdlib>
#include <string>

#include "random_case.hpp"
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "offline/duckdb/duckdb_store.hpp"

namespace provender::oracle {
namespace {

using offline::DuckdbStore;
using offline::Rows;
using offline::TestProject;

constexpr std::uint64_t kFirstSeed = 20'260'501;

/// Another first seed, or number of cases, is set by PROVENDER_SEED and PROVENDER_CASES.
std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return text == nullptr ? otherwise : std::stoull(text);
}

std::string text_of(const Value& value) {
  if (value.is_null()) return "null";
  if (const auto* list = std::get_if<ValueList>(&value.storage)) {
    std::string out = "[";
    for (const Value& element : *list) {
      out += text_of(element) + " ";
    }
    return out + "]";
  }
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, Timestamp>) {
          return format_timestamp(v);
        } else if constexpr (std::is_arithmetic_v<T>) {
          return fmt::format("{}", v);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return fmt::format("'{}'", v);
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return fmt::format("{} bytes", v.data.size());
        } else {
          return "";
        }
      },
      value.storage);
}

/// Runs one case through every way of asking.
class Differential {
 public:
  Differential(std::uint64_t seed, offline::JoinEngine engine)
      : case_(make_case(seed)), store_(options(engine)) {
    write_case(case_, project_);
  }

  void check_all() {
    for (const bool strictly_before : {false, true}) {
      for (const bool known_by : {false, true}) {
        check_historical(strictly_before, known_by);
      }
    }
    check_latest();
    check_as_of();
    if (::testing::Test::HasFailure()) {
      fmt::print(stderr,
                 "{}\nrun again with PROVENDER_SEED={} PROVENDER_CASES=1\n",
                 case_.dump(),
                 case_.seed);
    }
  }

 private:
  offline::OfflineOptions options(offline::JoinEngine engine) const {
    auto out = project_.options();
    out.join_engine = engine;
    return out;
  }

  Question question(const SpineRow& row, const SelectedView& view) const {
    Question out{.key = {}, .t = row.t};
    for (const std::string& name : view.request_keys) {
      for (std::size_t k = 0; k < case_.selection.keys.size(); ++k) {
        if (case_.selection.keys[k].name == name) out.key.push_back(row.keys[k]);
      }
    }
    return out;
  }

  std::size_t view_index(const SelectedView& view) const {
    return static_cast<std::size_t>(case_.definitions.feature_view(view.view) -
                                    case_.definitions.feature_views.data());
  }

  std::size_t place(const SelectedFeature& feature) const {
    const auto& view =
        case_.definitions.feature_views[view_index(case_.selection.views[feature.view])];
    std::size_t out = 0;
    while (view.features[out].name != feature.feature) {
      ++out;
    }
    return out;
  }

  void check_historical(bool strictly_before, bool known_by) {
    SCOPED_TRACE(
        fmt::format("historical, strictly_before {}, known_by {}", strictly_before, known_by));
    const HistoricalOptions options{.features = {},
                                    .spine = project_.path("spine.parquet"),
                                    .out = project_.path("out.parquet"),
                                    .strictly_before = strictly_before,
                                    .known_by_created = known_by,
                                    .with_status = true};
    auto report = store_.historical(
        {.definitions = case_.definitions, .selection = case_.selection, .options = options}, {});
    ASSERT_TRUE(report) << report.error().message();
    check_report(*report);
    const Rows rows = project_.rows("SELECT * FROM '@/out.parquet'");
    ASSERT_EQ(rows.size(), case_.spine.size());
    std::vector<std::uint64_t> created_after(case_.selection.views.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      check_row(rows[i], case_.spine[i], strictly_before, known_by, created_after);
    }
    for (std::size_t v = 0; v < created_after.size(); ++v) {
      EXPECT_EQ(report->views[v].created_after, created_after[v]);
    }
  }

  void check_report(const HistoricalReport& report) {
    EXPECT_EQ(report.rows, case_.spine.size());
    std::uint64_t nulls = 0;
    for (const SpineRow& row : case_.spine) {
      bool is_null = !row.t;
      for (const Value& key : row.keys) {
        is_null = is_null || key.is_null();
      }
      nulls += is_null ? 1 : 0;
    }
    EXPECT_EQ(report.null_rows, nulls);
    ASSERT_EQ(report.views.size(), case_.selection.views.size());
    for (std::size_t v = 0; v < report.views.size(); ++v) {
      const Table& table = case_.tables[view_index(case_.selection.views[v])];
      EXPECT_EQ(report.views[v].source_rows, table.rows.size());
      EXPECT_EQ(report.views[v].skipped_rows, skipped(table));
    }
  }

  static std::uint64_t skipped(const Table& table) {
    std::uint64_t out = 0;
    for (const SourceRow& row : table.rows) {
      bool is_null = !row.event_timestamp;
      for (const Value& key : row.key) {
        is_null = is_null || key.is_null();
      }
      out += is_null ? 1 : 0;
    }
    return out;
  }

  void check_row(const std::vector<Value>& row,
                 const SpineRow& asked,
                 bool strictly_before,
                 bool known_by,
                 std::vector<std::uint64_t>& created_after) {
    std::vector<Value> expected = {asked.label};
    expected.insert(expected.end(), asked.keys.begin(), asked.keys.end());
    expected.push_back(asked.t ? Value{.storage = *asked.t} : Value{});
    for (const SelectedFeature& feature : case_.selection.features) {
      Question q = question(asked, case_.selection.views[feature.view]);
      q.strictly_before = strictly_before;
      q.known_by_created = known_by;
      const Answer answer = ask(case_.tables[view_index(case_.selection.views[feature.view])], q);
      expected.push_back(answer.value(place(feature)));
      expected.push_back({.storage = std::string(to_string(answer.status(place(feature))))});
      const bool is_first = place(feature) == 0;
      if (is_first && answer.row != nullptr && !answer.outside_max_age &&
          answer.row->created_timestamp && *answer.row->created_timestamp > *asked.t) {
        ++created_after[feature.view];
      }
    }
    ASSERT_EQ(row.size(), expected.size());
    for (std::size_t c = 0; c < row.size(); ++c) {
      EXPECT_EQ(row[c], expected[c])
          << "spine row " << text_of(asked.label) << ", column " << c << ": is " << text_of(row[c])
          << ", expected " << text_of(expected[c]);
    }
  }

  void check_latest() {
    for (std::size_t v = 0; v < case_.tables.size(); ++v) {
      const FeatureView& view = case_.definitions.feature_views[v];
      SCOPED_TRACE("latest of " + view.name);
      const Timestamp end(Duration(1'700'000'000'000'000 + static_cast<int>(case_.seed % 30) - 10));
      const auto expected = latest(case_.tables[v], end);
      auto reader = store_.latest(case_.definitions, view, end, {});
      ASSERT_TRUE(reader) << reader.error().message();
      std::size_t at = 0;
      while (true) {
        auto batch = (*reader)->next();
        ASSERT_TRUE(batch) << batch.error().message();
        if (!*batch) break;
        for (std::size_t row = 0; row < (*batch)->rows; ++row, ++at) {
          ASSERT_LT(at, expected.size());
          check_latest_row(**batch, row, *expected[at]);
        }
      }
      EXPECT_EQ(at, expected.size());
      EXPECT_EQ((*reader)->skipped_rows(), skipped(case_.tables[v]));
    }
  }

  static void check_latest_row(const BatchView& batch, std::size_t row, const SourceRow& expected) {
    std::vector<Value> values = expected.key;
    values.push_back({.storage = *expected.event_timestamp});
    values.push_back(expected.created_timestamp ? Value{.storage = *expected.created_timestamp}
                                                : Value{});
    values.insert(values.end(), expected.features.begin(), expected.features.end());
    ASSERT_EQ(batch.columns.size(), values.size());
    for (std::size_t c = 0; c < values.size(); ++c) {
      EXPECT_EQ(value_at(batch.columns[c], row), values[c])
          << "column " << c << ": is " << text_of(value_at(batch.columns[c], row)) << ", expected "
          << text_of(values[c]);
    }
  }

  void check_as_of() {
    for (std::size_t i = 0; i < case_.spine.size(); i += 37) {
      const SpineRow& asked = case_.spine[i];
      if (!asked.t) continue;
      SCOPED_TRACE(fmt::format("as of, spine row {}", i));
      auto values = store_.as_of(case_.definitions, case_.selection, asked.keys, *asked.t);
      ASSERT_TRUE(values) << values.error().message();
      for (std::size_t f = 0; f < values->size(); ++f) {
        const SelectedFeature& feature = case_.selection.features[f];
        const SelectedView& view = case_.selection.views[feature.view];
        const Answer answer = ask(case_.tables[view_index(view)], question(asked, view));
        EXPECT_EQ((*values)[f].status, answer.status(place(feature)));
        EXPECT_EQ((*values)[f].value, answer.value(place(feature)));
        EXPECT_EQ((*values)[f].event_timestamp,
                  answer.row == nullptr ? std::nullopt : answer.row->event_timestamp);
      }
    }
  }

  RandomCase case_;
  TestProject project_;
  DuckdbStore store_;
};

class EveryWayOfAsking : public ::testing::TestWithParam<offline::JoinEngine> {};

TEST_P(EveryWayOfAsking, AgreesWithTheOracle) {
  const std::uint64_t first = from_environment("PROVENDER_SEED", kFirstSeed);
  const std::uint64_t cases = from_environment("PROVENDER_CASES", 25);
  for (std::uint64_t seed = first; seed < first + cases && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Differential(seed, GetParam()).check_all();
  }
}

INSTANTIATE_TEST_SUITE_P(Engines,
                         EveryWayOfAsking,
                         ::testing::ValuesIn(offline::kJoinEngines),
                         [](const auto& test) { return std::string(to_string(test.param)); });

}  // namespace
}  // namespace provender::oracle

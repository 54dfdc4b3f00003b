// What is said of a definitions file that is wrong: each message whole.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/testing/read_text.hpp"

namespace provender::definitions {
namespace {

using ::testing::ElementsAreArray;
using testing::read_text;

struct Bad {
  std::string_view text;
  std::vector<std::string> messages;
};

void expect_problems(const std::vector<Bad>& cases) {
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.text);
    EXPECT_THAT(read_text(bad.text).problems, ElementsAreArray(bad.messages));
  }
}

TEST(BadDocument, SaysWhichKeysAreUnknownOrStandTwice) {
  expect_problems(
      {Bad{"featurs:\n  a: 1\n", {"1: unknown key 'featurs' (did you mean 'features'?)"}},
       Bad{"views: {}", {"1: unknown key 'views' (did you mean 'feature_views'?)"}},
       Bad{"defaults: {}",
           {"1: unknown key 'defaults'; known here: entities, features, sql_views, feature_views, "
            "feature_services"}},
       Bad{"features:\n  a: {entity: u, dtyp: str, source: a.csv}",
           {"2: features.a: unknown key 'dtyp' (did you mean 'dtype'?)"}},
       Bad{"features:\n  a: {entity: u, type: str, source: a.csv}",
           {"2: features.a: unknown key 'type' (did you mean 'dtype'?)"}},
       Bad{"features:\n  a:\n    entity: u\n    dtype: str\n    source: a.csv\n    colour: red\n",
           {"6: features.a: unknown key 'colour'; known here: entity, dtype, source, cadence, "
            "ttl, description, "
            "owner, tags"}},
       Bad{"features:\n  a: {<<: {x: y}, entity: u, dtype: str, source: a.csv}",
           {"2: features.a: unknown key '<<': merge keys are not read, write the keys out"}},
       Bad{"features:\n  a: {entity: u, dtype: str, source: a.csv, dtype: int}",
           {"2: features.a: 'dtype' stands twice (first on line 2): remove or rename one"}},
       Bad{"features:\n  a: {entity: u, dtype: str, source: a.csv}\n  a: {entity: u, dtype: int, "
           "source: b.csv}",
           {"3: features: 'a' stands twice (first on line 2): remove or rename one"}},
       Bad{"entities: {}\nfeatures: {}\nentities: {}\n",
           {"3: 'entities' stands twice (first on line 1): remove or rename one"}},
       Bad{"entities: {5: string}",
           {"1: entities: expected a name as the key, found the number 5"}},
       Bad{"entities: {true: string}",
           {"1: entities: expected a name as the key, found the boolean true"}},
       Bad{"entities: {~: string}", {"1: entities: expected a name as the key, found nothing"}},
       Bad{"feature_views:\n  v: {entity: u, source: a.csv, features: {x: int}}",
           {"2: feature_views.v: unknown key 'entity' (did you mean 'entities'?)"}}});
}

TEST(BadDocument, SaysWhatStandsWhereAMapIsExpected) {
  expect_problems(
      {Bad{"[a, b]",
           {"1: expected a map with entities, features, sql_views, feature_views or "
            "feature_services, found a list"}},
       Bad{"hello",
           {"1: expected a map with entities, features, sql_views, feature_views or "
            "feature_services, found 'hello'"}},
       Bad{"features: [a]",
           {"1: features: expected a map of features, {user_segment: {entity: user_id, dtype: "
            "str, source: …}}, found "
            "a list"}},
       Bad{"features: {a: str}", {"1: features.a: expected a map, found 'str'"}},
       Bad{"features: {a: }", {"1: features.a: expected a map, found nothing"}},
       Bad{"feature_views: {v: []}", {"1: feature_views.v: expected a map, found an empty list"}},
       Bad{"sql_views:\n  a: {sql: SELECT 1}\n  b:\n  c: ''\n  d: 5\n",
           {"2: sql_views.a: expected a SELECT, found a map",
            "3: sql_views.b: expected a SELECT, found nothing",
            "4: sql_views.c: expected a SELECT, found empty text",
            "5: sql_views.d: expected a SELECT (in quotes: \"5\"), found the number 5"}}});
}

TEST(BadDocument, SaysWhatIsWrongWithAFeature) {
  expect_problems(
      {Bad{"features: {a: {dtype: str, source: a.csv}}",
           {"1: features.a: 'entity' is missing: expected the name of what the feature describes, "
            "user_id"}},
       Bad{"features: {a: {entity: u, source: a.csv}}",
           {"1: features.a: 'dtype' is missing: expected a type such as string, int64 or "
            "list<float32>"}},
       Bad{"features: {a: {entity: u, dtype: str}}",
           {"1: features.a: 'source' is missing: expected a path such as data/ratings.parquet, or "
            "a map"}},
       Bad{"features: {a: {entity: [u, v], dtype: str, source: a.csv}}",
           {"1: features.a.entity: expected the name of one entity (features of several stand "
            "under feature_views), "
            "found a list"}},
       Bad{"features: {a: {entity: 5, dtype: str, source: a.csv}}",
           {"1: features.a.entity: expected an entity's name (in quotes: \"5\"), found the number "
            "5"}},
       Bad{"features: {a: {entity: u, dtype: strng, source: a.csv}}",
           {"1: features.a.dtype: 'strng' is not a type (did you mean 'string'?): expected bool, "
            "int32, int64, float32, "
            "float64, string, bytes, timestamp, or list<…> of one of them"}},
       Bad{"features: {a: {entity: u, dtype: 64, source: a.csv}}",
           {"1: features.a.dtype: expected a type such as string, int64 or list<float32>, found "
            "the number 64"}},
       Bad{"features: {a: {entity: u, dtype: str, source: a.csv, ttl: 30}}",
           {"1: features.a.ttl: expected a duration with its unit (us ms s m h d w) such as 15m "
            "or 30d, found the "
            "number 30"}},
       Bad{"features: {a: {entity: u, dtype: str, source: a.csv, ttl: 30x}}",
           {"1: features.a.ttl: '30x' is not a duration: 'x' is not a unit; expected one like "
            "250ms, 15m, 1h30m or 30d "
            "(units us ms s m h d w)"}},
       Bad{"features: {a: {entity: u, dtype: str, source: a.csv, cadence: 15}}",
           {"1: features.a.cadence: expected hourly, daily, weekly, streaming, manual, a duration "
            "with its unit such as "
            "15m, or five cron fields such as \"0 * * * *\", found the number 15"}},
       Bad{"features: {a: {entity: u, dtype: str, source: a.csv, cadence: dayly}}",
           {"1: features.a.cadence: 'dayly' is not a cadence (did you mean 'daily'?): expected "
            "manual, streaming, "
            "hourly, daily, weekly, a duration such as 15m, or a cron expression such as '0 * * * "
            "*'"}},
       Bad{"features: {a: {entity: u, dtype: str, source: a.csv, description: 5, owner: true, "
           "tags: {tier: 1}}}",
           {"1: features.a.description: expected text (in quotes: \"5\"), found the number 5",
            "1: features.a.owner: expected text (in quotes: \"true\"), found the boolean true",
            "1: features.a.tags.tier: expected text (in quotes: \"1\"), found the number 1"}},
       Bad{"features: {a: {entity: u, dtype: str, source: a.csv, description: [a], tags: gold}}",
           {"1: features.a.description: expected text, found a list",
            "1: features.a.tags: expected a map of texts, {name: text}, found 'gold'"}}});
}

TEST(BadDocument, SaysWhatIsWrongWithASource) {
  expect_problems(
      {Bad{"features: {a: {entity: u, dtype: str, source: data/a.txt}}",
           {"1: features.a.source: expected a path that ends in .parquet or .csv, found "
            "'data/a.txt': write {parquet: "
            "…} or {csv: …}"}},
       Bad{"features: {a: {entity: u, dtype: str, source: ratings}}",
           {"1: features.a.source: expected a path that ends in .parquet or .csv, found "
            "'ratings': a SQL view is "
            "written {view: NAME}, a file {parquet: …} or {csv: …}"}},
       Bad{"features: {a: {entity: u, dtype: str, source: SELECT 1}}",
           {"1: features.a.source: expected a path that ends in .parquet or .csv, found 'SELECT "
            "1': a query is written "
            "{sql: …}"}},
       Bad{"features: {a: {entity: u, dtype: str, source: a.csv.gz}}",
           {"1: features.a.source: expected a path that ends in .parquet or .csv, found "
            "'a.csv.gz': "
            "CSV is text with commas, not packed: convert the file"}},
       Bad{"features: {a: {entity: u, dtype: str, source: data/a.TSV}}",
           {"1: features.a.source: expected a path that ends in .parquet or .csv, found "
            "'data/a.TSV': CSV is text with commas, not packed: convert the file"}},
       Bad{"features: {a: {entity: u, dtype: str, source: [a.csv, b.csv]}}",
           {"1: features.a.source: expected a path, data/ratings.parquet, or a map with one of "
            "parquet, csv, sql, view, "
            "found a list"}},
       Bad{"features: {a: {entity: u, dtype: str, source: {parquet: a, csv: b}}}",
           {"1: features.a.source: expected exactly one of parquet, csv, sql and view, found "
            "parquet and csv"}},
       Bad{"features: {a: {entity: u, dtype: str, source: {hive: true}}}",
           {"1: features.a.source: expected exactly one of parquet, csv, sql and view, found "
            "none"}},
       Bad{"features: {a: {entity: u, dtype: str, source: {parqet: a.parquet}}}",
           {"1: features.a.source: unknown key 'parqet' (did you mean 'parquet'?)"}},
       Bad{"features: {a: {entity: u, dtype: str, source: {csv: a, timestamp_unit: sec}}}",
           {"1: features.a.source.timestamp_unit: expected one of s, ms, us, ns, found 'sec'"}},
       Bad{"features: {a: {entity: u, dtype: str, source: {csv: a, hive: yes}}}",
           {"1: features.a.source.hive: expected true or false, found 'yes'"}},
       Bad{"features: {a: {entity: u, dtype: str, source: {sql: SELECT 1, hive: true}}}",
           {"1: features.a.source.hive: only files have hive folders; here the SQL reads them"}},
       Bad{"features: {a: {entity: u, dtype: str, source: {csv: a, columns: {x: 5}, "
           "event_timestamp: }}}",
           {"1: features.a.source.event_timestamp: expected text, found nothing",
            "1: features.a.source.columns.x: expected text (in quotes: \"5\"), found the number "
            "5"}}});
}

TEST(BadDocument, SaysWhatIsWrongWithAnEntity) {
  expect_problems(
      {Bad{"entities: {u: strin}",
           {"1: entities.u: 'strin' is not a type (did you mean 'string'?): expected bool, int32, "
            "int64, float32, "
            "float64, string, bytes, timestamp, or list<…> of one of them"}},
       Bad{"entities: {u: [a]}",
           {"1: entities.u: expected a type or a map, {type: string}, found a list"}},
       Bad{"entities: {u: {keys: {}}}",
           {"1: entities.u.keys: expected at least one key, {vendor: int32, id: int64}, found an "
            "empty map"}},
       Bad{"entities: {u: {keys: }}",
           {"1: entities.u.keys: expected at least one key, {vendor: int32, id: int64}, found "
            "nothing"}},
       Bad{"entities: {u: {keys: [a, b]}}",
           {"1: entities.u.keys: expected a map of key names and types, {vendor: int32, id: "
            "int64}, found a list"}},
       Bad{"entities: {u: {type: int, keys: {a: int}}}",
           {"1: entities.u: has both 'type' and 'keys': an entity of several keys gives each its "
            "type under 'keys'"}},
       Bad{"entities: {user_id: string}\nfeatures:\n  a: {entity: user_ids, dtype: str, source: "
           "a.csv}",
           {"3: entity 'user_ids' is not declared (did you mean 'user_id'?); if it is another "
            "entity, declare it too "
            "under 'entities'"}},
       Bad{"features:\n  a: {entity: movie, dtype: str, source: a.csv}\n  b: {entity: movies, "
           "dtype: str, source: a.csv}",
           {"3: entity 'movies' is not declared, and is close to 'movie' (f.yaml:2): correct the "
            "one that is wrong, or "
            "declare both under 'entities'"}},
       Bad{"feature_views: {v: {entities: u, source: a.csv, features: {x: int}}}",
           {"1: feature_views.v.entities: expected a list of entities, [user_id], found 'u'"}},
       Bad{"feature_views: {v: {entities: [], source: a.csv, features: {x: int}}}",
           {"1: feature_views.v.entities: expected a list of entities, [user_id], found an empty "
            "list"}},
       Bad{"feature_views: {v: {entities: [u, 5], source: a.csv, features: {x: int}}}",
           {"1: feature_views.v.entities[1]: expected an entity's name (in quotes: \"5\"), found "
            "the number 5"}}});
}

TEST(BadDocument, SaysWhatIsWrongWithAFeatureView) {
  expect_problems(
      {Bad{"feature_views: {v: {}}",
           {"1: feature_views.v: 'entities' is missing: expected a list of entities, [user_id]",
            "1: feature_views.v: 'source' is missing: expected a path such as "
            "data/ratings.parquet, or a map",
            "1: feature_views.v: 'features' is missing: expected a map of features and types, "
            "{age: int32, country: "
            "{type: string, description: …}}"}},
       Bad{"feature_views: {v: {entities: [u], source: a.csv, features: [a, b]}}",
           {"1: feature_views.v.features: expected a map of features and types, {age: int32, "
            "country: {type: string, "
            "description: …}}, found a list"}},
       Bad{"feature_views: {v: {entities: [u], source: a.csv, features: {}}}",
           {"1: feature_views.v.features: expected a map of features and types, {age: int32, "
            "country: {type: string, "
            "description: …}}, found an empty map"}},
       Bad{"feature_views: {v: {entities: [u], source: a.csv, features: {a: {description: x}, b: "
           ", c: [int]}}}",
           {"1: feature_views.v.features.a: 'type' is missing: expected a type such as string, "
            "int64 or list<float32>",
            "1: feature_views.v.features.b: expected a type such as string, int64 or "
            "list<float32>, found nothing",
            "1: feature_views.v.features.c: expected a type such as string, int64 or "
            "list<float32>, found a list"}},
       Bad{"feature_views: {v: {entities: [u], source: a.csv, features: {a: {dtype: int}}}}",
           {"1: feature_views.v.features.a: unknown key 'dtype' (did you mean 'type'?)"}}});
}

TEST(BadDocument, SaysWhatIsWrongWithAFeatureService) {
  expect_problems(
      {Bad{"feature_services: {s: [a]}",
           {"1: feature_services.s: expected a map, {features: [user_segment]}, found a list"}},
       Bad{"feature_services: {s: {}}",
           {"1: feature_services.s: 'features' is missing: expected a list of features"}},
       Bad{"feature_services: {s: {features: a}}",
           {"1: feature_services.s.features: expected a list of features, [user_segment, "
            "'user_activity:ratings_7d'], "
            "found 'a'"}},
       Bad{"feature_services: {s: {features: []}}",
           {"1: feature_services.s.features: expected a list of features, [user_segment, "
            "'user_activity:ratings_7d'], "
            "found an empty list"}},
       Bad{"feature_services: {s: {features: [a:b:c, 'a:', [x]]}}",
           {"1: feature_services.s.features[0]: expected a feature, 'user_segment' or "
            "'user_activity:ratings_7d', or a "
            "map, {view: user_activity}, found 'a:b:c'",
            "1: feature_services.s.features[1]: expected a feature, 'user_segment' or "
            "'user_activity:ratings_7d', or a "
            "map, {view: user_activity}, found 'a:'",
            "1: feature_services.s.features[2]: expected a feature, 'user_segment' or "
            "'user_activity:ratings_7d', or a "
            "map, {view: user_activity}, found a list"}},
       Bad{"feature_services:\n  s:\n    features:\n      - a: b\n",
           {"4: feature_services.s.features[0]: expected a feature, 'user_segment' or "
            "'user_activity:ratings_7d', or a "
            "map, {view: user_activity}, found a map: write 'a:b' without a space"}},
       Bad{"feature_services: {s: {features: [{view: x, colour: red}]}}",
           {"1: feature_services.s.features[0]: unknown key 'colour'; known here: view, as, keys, "
            "features"}},
       Bad{"feature_services: {s: {features: [{view: x, alias: y, features: []}]}}",
           {"1: feature_services.s.features[0].features: is empty: leave it out to take all "
            "features of the view",
            "1: feature_services.s.features[0]: unknown key 'alias' (did you mean 'as'?)"}},
       Bad{"feature_services: {s: {features: [{as: y, keys: [a]}]}}",
           {"1: feature_services.s.features[0].keys: expected a map of texts, {name: text}, found "
            "a list",
            "1: feature_services.s.features[0]: 'view' is missing: expected the name of a feature "
            "view"}}});
}

}  // namespace
}  // namespace provender::definitions

#include "model/definitions_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/fs.hpp"

namespace provender {
namespace {

using testing::HasSubstr;

/// Every member with another value than its default.
Definitions full() {
  const Annotations about{.description = "A \"quoted\" text",
                          .owner = "recsys@example.com",
                          .tags = {{"tier", "gold"}}};
  return {.project = "streaming",
          .entities = {{.name = "trip",
                        .keys = {{.name = "vendor", .type = Type{Kind::Int32}},
                                 {.name = "id", .type = std::nullopt}},
                        .about = about}},
          .sql_views = {{.name = "ratings", .sql = "SELECT *\nFROM 'data/*.parquet'"}},
          .feature_views =
              {{.name = "activity",
                .entities = {"trip"},
                .source = {.kind = Source::Kind::Csv,
                           .text = "data/*.csv",
                           .event_timestamp = "updated",
                           .created_timestamp = "loaded_at",
                           .timestamp_unit = TimestampUnit::Milliseconds,
                           .columns = {{"age", "AGE_YEARS"}},
                           .hive = true},
                .ttl = std::chrono::milliseconds(250),
                .cadence = {.kind = Cadence::Kind::Cron, .cron = "0 6 * * *"},
                .features = {{.name = "age", .type = Type{Kind::Float32, true}, .about = about}},
                .about = about}},
          .feature_services = {{.name = "recommender",
                                .items = {{.view = "activity",
                                           .alias = "friend",
                                           .keys = {{"id", "friend_id"}},
                                           .features = {"age"}},
                                          {.features = {"age"}}},
                                .about = about}}};
}

std::string refusal(std::string_view json) {
  const auto read = definitions_from_json(json);
  EXPECT_FALSE(read) << json;
  if (read) return "";
  EXPECT_EQ(read.error().code(), ErrorCode::InvalidArgument);
  return std::string(read.error().message());
}

std::string refusal_of_view(const std::string& members) {
  return refusal(R"({"feature_views":[{"name":"v","source":{"text":"x"})" + members + "}]}");
}

TEST(DefinitionsJson, ReadsBackWhatItWrote) {
  const auto read = definitions_from_json(to_json(full()));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(*read, full());
  EXPECT_EQ(to_json(*read), to_json(full()));
}

TEST(DefinitionsJson, ReadsBackEverySpelling) {
  for (const auto kind :
       {Source::Kind::Parquet, Source::Kind::Csv, Source::Kind::Sql, Source::Kind::View}) {
    for (const auto unit : {TimestampUnit::Seconds,
                            TimestampUnit::Milliseconds,
                            TimestampUnit::Microseconds,
                            TimestampUnit::Nanoseconds}) {
      Definitions definitions = full();
      definitions.feature_views[0].source.kind = kind;
      definitions.feature_views[0].source.timestamp_unit = unit;
      EXPECT_EQ(definitions_from_json(to_json(definitions)).value(), definitions);
    }
  }
}

TEST(DefinitionsJson, LeavesDefaultsOut) {
  EXPECT_EQ(to_json(Definitions{}), R"({"format":1})");
  EXPECT_EQ(definitions_from_json("{}").value(), Definitions{});
  const Definitions small{
      .project = "p",
      .entities = {{.name = "user_id", .keys = {{.name = "user_id"}}}},
      .feature_views = {{.name = "segment",
                         .entities = {"user_id"},
                         .source = {.text = "data/segment.parquet"},
                         .features = {{.name = "segment", .type = Type{Kind::String}}}}}};
  const std::string json =
      R"({"entities":[{"keys":[{"name":"user_id"}],"name":"user_id"}],)"
      R"("feature_views":[{"entities":["user_id"],"features":[{"name":"segment","type":"string"}],"name":"segment",)"
      R"("source":{"event_timestamp":"event_timestamp","kind":"parquet","text":"data/segment.parquet"}}],)"
      R"("format":1,"project":"p"})";
  EXPECT_EQ(to_json(small), json);
  EXPECT_EQ(definitions_from_json(json).value(), small);
}

TEST(DefinitionsJson, ReadsAndWritesTheExampleOfItsPage) {
  const std::string page = read_file(PROVENDER_DOCS "/format/definitions.md").value();
  const std::size_t begin = page.find("```json\n") + 8;
  std::string example = page.substr(begin, page.find("```", begin) - begin);
  const auto read = definitions_from_json(example);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->feature_views[0].ttl, std::chrono::days(30));

  // But for the spaces between its members the example is what is written.
  bool is_text = false;
  std::erase_if(example, [&](char c) {
    if (c == '"') is_text = !is_text;
    return !is_text && (c == ' ' || c == '\n');
  });
  EXPECT_EQ(to_json(*read), example);
}

TEST(DefinitionsJson, NamesAnUnknownMember) {
  EXPECT_THAT(refusal(R"({"entitys":[]})"),
              HasSubstr("unknown member 'entitys' (did you mean 'entities'?)"));
  EXPECT_THAT(refusal_of_view(R"(,"tll":"1d")"),
              HasSubstr("feature_views[0]: unknown member 'tll' (did you mean 'ttl'?)"));
}

TEST(DefinitionsJson, NamesAMemberThatIsThereTwice) {
  EXPECT_THAT(refusal(R"({"project":"a","project":"b"})"),
              HasSubstr("member 'project' is there twice"));
  EXPECT_THAT(refusal_of_view(R"(,"tags":{"a":"1","a":"2"})"),
              HasSubstr("feature_views[0].tags: member 'a' is there twice"));
}

TEST(DefinitionsJson, NamesAMissingMember) {
  EXPECT_THAT(refusal(R"({"entities":[{"keys":[]}]})"),
              HasSubstr("entities[0]: member 'name' is missing"));
  EXPECT_THAT(refusal(R"({"feature_views":[{"name":"v"}]})"),
              HasSubstr("feature_views[0]: member 'source' is missing"));
  EXPECT_THAT(refusal(R"({"sql_views":[{"name":"v"}]})"),
              HasSubstr("sql_views[0]: member 'sql' is missing"));
  EXPECT_THAT(refusal_of_view(R"(,"features":[{"name":"f"}])"),
              HasSubstr("feature_views[0].features[0]: member 'type' is missing"));
}

TEST(DefinitionsJson, NamesAMemberOfAWrongType) {
  EXPECT_THAT(refusal("[]"), HasSubstr("expected an object"));
  EXPECT_THAT(refusal(R"({"project":1})"), HasSubstr("project: expected a text"));
  EXPECT_THAT(refusal(R"({"entities":{}})"), HasSubstr("entities: expected an array"));
  EXPECT_THAT(refusal(R"({"entities":["user"]})"), HasSubstr("entities[0]: expected an object"));
  EXPECT_THAT(refusal(R"({"format":"1"})"), HasSubstr("format: expected a whole number"));
  EXPECT_THAT(refusal_of_view(R"(,"entities":[null])"),
              HasSubstr("feature_views[0].entities[0]: expected a text"));
  EXPECT_THAT(refusal_of_view(R"(,"tags":{"a":1})"),
              HasSubstr("feature_views[0].tags.a: expected a text"));
  EXPECT_THAT(refusal_of_view(R"(,"ttl":30)"), HasSubstr("feature_views[0].ttl: expected a text"));
  EXPECT_THAT(refusal(R"({"feature_views":[{"name":"v","source":{"text":"x","hive":1}}]})"),
              HasSubstr("feature_views[0].source.hive: expected true or false"));
}

TEST(DefinitionsJson, NamesAValueThatIsNotRead) {
  EXPECT_THAT(refusal_of_view(R"(,"ttl":"0d")"),
              HasSubstr("feature_views[0].ttl: '0d' is not a duration"));
  EXPECT_THAT(refusal_of_view(R"(,"cadence":"dayly")"), HasSubstr("did you mean 'daily'?"));
  EXPECT_THAT(refusal_of_view(R"(,"features":[{"name":"f","type":"in64"}])"),
              HasSubstr("feature_views[0].features[0].type: 'in64' is not a type"));
  EXPECT_THAT(refusal(R"({"feature_views":[{"name":"v","source":{"text":"x","kind":"json"}}]})"),
              HasSubstr("feature_views[0].source.kind: 'json' is none of parquet csv sql view"));
  EXPECT_THAT(refusal(R"({"news":[],"format":2})"), HasSubstr("format: 2 is of a newer Provender"));
  EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
}

}  // namespace
}  // namespace provender

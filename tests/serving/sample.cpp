#include "serving/sample.hpp"

#include <deque>

#include <fmt/format.h>
#include <stdlib.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "codec/value_columns.hpp"
#include "online/lmdb/lmdb_store.hpp"
#include "online/memory/memory_store.hpp"
#include "registry/sqlite/sqlite_registry.hpp"
#include "registry/test_definitions.hpp"
#include "serving/reader.hpp"

namespace provender::serving_test {
namespace {

constexpr int kFeatures = 10;
constexpr Type kBool{.kind = Kind::Bool};

Type type_of(int feature) {
  constexpr std::array kTypes{registry::kInt64, registry::kFloat64, registry::kString, kBool};
  return kTypes[static_cast<std::size_t>(feature) % kTypes.size()];
}

Value value_of(int feature, int user) {
  switch (type_of(feature).kind) {
    case Kind::Int64:
      return {std::int64_t{user}};
    case Kind::Float64:
      return {user + 0.25};
    case Kind::String:
      return {fmt::format("value of {}", user)};
    default:
      return {user % 2 == 0};
  }
}

FeatureView make_view(int number) {
  std::vector<std::pair<std::string, Type>> features;
  for (int i = 0; i < kFeatures; ++i) {
    features.emplace_back(fmt::format("v{}_f{}", number, i), type_of(i));
  }
  return registry::view(fmt::format("v{}", number), {"user_id"}, features);
}

std::string rows_of_view(const RowSchema& schema,
                         const std::string& key,
                         int user,
                         Timestamp time) {
  std::deque<codec::ValueColumn> columns;
  std::vector<ColumnView> views;
  for (int i = 0; i < kFeatures; ++i) {
    columns.emplace_back(type_of(i), std::vector<Value>{value_of(i, user)});
    views.push_back(columns.back().view());
  }
  std::string row;
  const RowOrder order{.event_timestamp = time.time_since_epoch().count(),
                       .created_timestamp = INT64_MIN,
                       .sequence = 0};
  codec::RowEncoder(schema).encode(key, order, views, 0, row).value();
  return row;
}

}  // namespace

Folder::Folder() {
  auto pattern = (std::filesystem::temp_directory_path() / "provender-serving-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Sample::Sample(Store store, Size size) {
  registry_ = registry::open_sqlite_registry(
                  {.path = folder_.path() / "registry.db", .clock = clock_, .create = true})
                  .value();
  Definitions definitions{.project = "sample",
                          .entities = {registry::entity("user_id", registry::kString)}};
  for (int i = 0; i < size.views; ++i) {
    definitions.feature_views.push_back(make_view(i));
  }
  const auto snapshot = registry_
                            ->apply({.definitions = definitions,
                                     .base_version = 0,
                                     .applied_by = "test",
                                     .summary = "first"})
                            .value();
  store_ = store == Store::Memory ? online::open_memory_store()
                                  : online::open_lmdb_store({.path = folder_.path() / "online",
                                                             .project = "sample",
                                                             .registry_id = snapshot->registry_id})
                                        .value();
  fill(size);
  use(std::move(store_));
  config.project = "sample";
  tokens_ = std::make_unique<server::Tokens>(config);
}

void Sample::fill(const Size& size) {
  const auto snapshot = registry_->snapshot().value();
  for (int user = 0; user < size.users; ++user) {
    const std::string name = fmt::format("user{}", user);
    const ValueView part(Kind::String, name);
    const std::string key = codec::encode_key({&part, 1}).value();
    for (int i = 0; i < size.views; ++i) {
      const auto& rows = snapshot->storage.at(fmt::format("v{}", i)).serving;
      const std::string row = rows_of_view(snapshot->schemas.at(rows.schema_id),
                                           key,
                                           user,
                                           Timestamp(std::chrono::seconds(1'700'000'000 + user)));
      const online::WriteRow write{
          .entity_set = rows.entity_set, .key = key, .store_id = rows.store_id, .row = row};
      store_->write({&write, 1}).value();
    }
  }
}

void Sample::use(std::unique_ptr<online::OnlineStore> store) {
  reader_ = nullptr;
  store_ = std::move(store);
  reader_ = serving::make_reader(*registry_, *store_, clock_);
  reader_->refresh().value();
}

void Sample::apply_another() {
  const auto snapshot = registry_->snapshot().value();
  Definitions definitions = snapshot->definitions;
  definitions.feature_views.push_back(
      make_view(static_cast<int>(definitions.feature_views.size())));
  registry_
      ->apply({.definitions = std::move(definitions),
               .base_version = snapshot->version,
               .applied_by = "test",
               .summary = "another"})
      .value();
}

server::FeatureHandler::Context Sample::context() {
  return {.online = *reader_,
          .config = config,
          .tokens = *tokens_,
          .openapi = openapi_,
          .metrics = metrics_,
          .access_log = access_log};
}

std::string Sample::names(int count) {
  std::string names = "[";
  for (int i = 0; i < count; ++i) {
    names += fmt::format("{}\"v{}_f{}\"", i == 0 ? "" : ",", i / kFeatures, i % kFeatures);
  }
  return names + "]";
}

std::string Sample::single(int count) {
  return fmt::format(R"({{"user_id":"user7","features":{}}})", names(count));
}

std::string Sample::columns(int count, int users) {
  std::string keys;
  for (int i = 0; i < users; ++i) {
    keys += fmt::format("{}\"user{}\"", i == 0 ? "" : ",", i);
  }
  return fmt::format(R"({{"entities":{{"user_id":[{}]}},"features":{}}})", keys, names(count));
}

std::string Sample::post(std::string_view body, std::string_view accept) {
  return fmt::format(
      "POST /get-online-features HTTP/1.1\r\nHost: localhost\r\nAccept: {}\r\nContent-Length: "
      "{}\r\n\r\n{}",
      accept,
      body.size(),
      body);
}

}  // namespace provender::serving_test

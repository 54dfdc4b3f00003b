#include <algorithm>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/entity_keys.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_fields.hpp"
#include "cli/online_values.hpp"
#include "cli/table.hpp"

namespace provender::cli {
namespace {

Style style_of(Status status) {
  switch (status) {
    case Status::Present:
      return Style::Plain;
    case Status::NullValue:
    case Status::NotFound:
      return Style::Dim;
    case Status::OutsideMaxAge:
      return Style::Yellow;
    case Status::Invalid:
      return Style::Red;
  }
  return Style::Plain;
}

void out_table(const PreparedRead& prepared, const EntityValues& entity, Session& session) {
  Table table({{"FEATURE"},
               {.title = "VALUE", .elastic = true},
               {"STATUS"},
               {.title = "AGE", .align = Table::Align::Right}});
  for (std::size_t i = 0; i < entity.values.size(); ++i) {
    const PreparedRead::Feature& feature = prepared.features()[i];
    const ValueAsOf& value = entity.values[i];
    const auto& time = value.event_timestamp;
    table.add({feature.name,
               value_text(value.value, feature.type),
               {std::string(to_string(value.status)), style_of(value.status)},
               time ? format_age(entity.now - *time) : "-"});
  }
  session.console().out(table.render(session.console().out_terminal()));
}

void write_metadata(json::Writer& writer, const ValueAsOf& value, Type type, Timestamp now) {
  writer.begin_object();
  const bool carried = fits_json(value.value, type);
  field(writer, "status", to_string(carried ? value.status : Status::Invalid));
  field(writer, "event_timestamp", value.event_timestamp);
  writer.key("age_seconds");
  if (value.event_timestamp) {
    writer.number(std::chrono::duration<double>(now - *value.event_timestamp).count());
  } else {
    writer.null();
  }
  writer.end_object();
}

void out_json(const PreparedRead& prepared,
              const std::vector<Value>& keys,
              const EntityValues& entity,
              Session& session) {
  const auto features = prepared.features();
  session.out_json([&](json::Writer& writer) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      writer.key(prepared.keys()[i].name);
      write_value(writer, keys[i], prepared.keys()[i].type);
    }
    writer.key("features");
    writer.begin_object();
    for (std::size_t i = 0; i < features.size(); ++i) {
      writer.key(features[i].name);
      write_value(writer, entity.values[i].value, features[i].type);
    }
    writer.end_object();
    writer.key("metadata");
    writer.begin_object();
    for (std::size_t i = 0; i < features.size(); ++i) {
      writer.key(features[i].name);
      write_metadata(writer, entity.values[i], features[i].type, entity.now);
    }
    writer.end_object();
  });
}

/// With --as-of the online store is not needed, and not opened.
Result<EntityValues> read(FeatureStore& store,
                          const GetCommand& command,
                          const std::shared_ptr<const PreparedRead>& prepared,
                          const std::vector<Value>& keys,
                          const std::stop_token& stop) {
  if (!command.as_of) {
    PROVENDER_ASSIGN(OnlineReader* const online, store.online());
    return read_online(*online, prepared, keys);
  }
  PROVENDER_ASSIGN(std::vector<ValueAsOf> values,
                   store.get_as_of(command.request, keys, *command.as_of, {.stop = stop}));
  return EntityValues{.values = std::move(values), .now = *command.as_of};
}

}  // namespace

Result<int> execute(const GetCommand& command, Session& session) {
  PROVENDER_ASSIGN(const auto store, session.open_to_read());
  PROVENDER_ASSIGN(const auto prepared, store->prepare(command.request));
  PROVENDER_ASSIGN(const std::vector<Value> keys, parse_entity_keys(command.keys, *prepared));
  PROVENDER_ASSIGN(const EntityValues entity,
                   read(*store, command, prepared, keys, session.stop()));
  if (session.json()) {
    out_json(*prepared, keys, entity, session);
  } else {
    out_table(*prepared, entity, session);
  }
  const bool nothing = std::ranges::all_of(
      entity.values, [](const ValueAsOf& value) { return value.status == Status::NotFound; });
  if (nothing && !command.as_of) {
    session.note(
        "nothing is known of this entity online; 'provender status' shows what is "
        "materialized");
  }
  return kExitOk;
}

}  // namespace provender::cli

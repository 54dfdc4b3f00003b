#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "base/digits.hpp"
#include "base/json/writer.hpp"
#include "base/try.hpp"
#include "codec/key_codec.hpp"
#include "codec/value_columns.hpp"
#include "online/redis/json_script.hpp"
#include "online/redis/json_value.hpp"
#include "online/redis/layout.hpp"
#include "online/redis/names_in_use.hpp"

namespace provender::online::redis {
namespace {

constexpr std::string_view kAbout = "_provender";

/// What _provender says of one view's row.
struct About {
  std::uint32_t store_id;
  std::uint32_t schema_id;
  RowOrder order;
};

std::optional<About> parse_about(const json::Value& json) {
  using JsonKind = json::Value::Kind;
  if (!json.is(JsonKind::Object)) return std::nullopt;
  const auto store = json.find("store");
  const auto schema = json.find("schema");
  const auto order = json.find("order");
  const bool is_right = store && store->is(JsonKind::Int) && schema && schema->is(JsonKind::Int) &&
                        order && order->is(JsonKind::String);
  if (!is_right) return std::nullopt;
  const auto bytes = hex_decode(order->as_string());
  if (!bytes || bytes->size() != codec::kOrderSize) return std::nullopt;
  return About{.store_id = static_cast<std::uint32_t>(store->as_int()),
               .schema_id = static_cast<std::uint32_t>(schema->as_int()),
               .order = codec::read_order(*bytes)};
}

Error unreadable(std::string_view what) {
  return {ErrorCode::Corruption, fmt::format("redis: {} is not as it was written", what)};
}

class JsonLayout final : public Layout {
 public:
  JsonLayout(std::string prefix, LoadRowNames load, std::shared_ptr<const RowNames> known)
      : prefix_(std::move(prefix)),
        names_(std::move(load), std::move(known)),
        script_name_(script_name(kUpsertJson)) {}

  std::string_view name() const override { return "json"; }
  std::string pattern() const override { return glob_escaped(prefix_) + "*:*"; }
  std::string header_key() const override { return prefix_ + "provender"; }
  std::string_view script() const override { return kUpsertJson; }

  Result<std::shared_ptr<const RowNames>> read(Call& call, const Lookup& lookup) const override;
  Result<> found(const Answer& answer, FoundRows& into) const override;
  Result<> write(Call& call, std::span<const WriteRow> rows) const override;

  void remove(Call& call, std::string_view key, std::span<const std::uint32_t> ids) const override {
    std::string& out = call.begin(slot_of(key));
    append_head(out, 4 + ids.size());
    for (const std::string_view word :
         {std::string_view("EVAL"), kRemoveJson, std::string_view("1"), key}) {
      append_argument(out, word);
    }
    for (const std::uint32_t id : ids) {
      append_argument(out, std::to_string(id));
    }
  }

  void count(Call& call, std::string_view key) const override {
    append_command(call.begin(slot_of(key)), {"EVAL", kCountJson, "1", key});
  }

 private:
  Result<std::string> key_of(const RowNames& names,
                             std::uint32_t entity_set,
                             std::string_view key) const;
  static Result<std::size_t> append_row(std::string& out,
                                        const RowNames& names,
                                        const WriteRow& row);
  /// By feature.
  using Texts = std::unordered_map<std::string_view, std::string_view>;
  struct Asked {
    const RowNames& names;
    std::string_view key;
    std::uint32_t store_id;
  };
  static Result<std::string> make_row(const Asked& asked,
                                      const RowSchema& schema,
                                      const RowOrder& order,
                                      const Texts& values);
  Result<> add_row(const Asked& asked,
                   const json::Value& said,
                   const Texts& values,
                   FoundRows& into) const;

  std::string prefix_;
  NamesInUse names_;
  std::string script_name_;
};

Result<std::string> JsonLayout::key_of(const RowNames& names,
                                       std::uint32_t entity_set,
                                       std::string_view key) const {
  const RowNames::EntitySet& entity = names.entity_sets.at(entity_set);
  if (entity.keys.size() != 1) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("online.layout json is for entities of one key, and {} has {}: use layout "
                    "packed",
                    entity.entity,
                    entity.keys.size()));
  }
  PROVENDER_ASSIGN(const auto parts, codec::decode_key(key, entity.keys));
  const Kind kind = entity.keys.front().kind;
  std::string id;
  if (kind == Kind::String) {
    id = std::get<std::string>(parts.front().storage);
  } else if (kind == Kind::Bytes) {
    id = std::get<Bytes>(parts.front().storage).data;
  } else {
    id = to_text(to_view(parts.front(), entity.keys.front()));
  }
  return prefix_ + entity.entity + ":" + id;
}

Result<std::shared_ptr<const RowNames>> JsonLayout::read(Call& call, const Lookup& lookup) const {
  PROVENDER_ASSIGN(auto names, names_.with(lookup.entity_set, lookup.store_ids));
  PROVENDER_ASSIGN(const std::string key, key_of(*names, lookup.entity_set, lookup.key));
  std::vector<std::string_view> fields;
  for (const std::uint32_t id : lookup.store_ids) {
    for (const auto& [field, feature] : names->views.at(id).features) {
      fields.push_back(feature);
    }
  }
  std::string& out = call.begin(slot_of(key));
  append_head(out, 3 + fields.size());
  append_argument(out, "HMGET");
  append_argument(out, key);
  append_argument(out, kAbout);
  for (const std::string_view field : fields) {
    append_argument(out, field);
  }
  return names;
}

/// The row as its writer had it, made of its values. A field's number stands for the same feature
/// in all generations of a view, so the names of the one asked for do for a row of a later one.
Result<std::string> JsonLayout::make_row(const Asked& asked,
                                         const RowSchema& schema,
                                         const RowOrder& order,
                                         const Texts& values) {
  const auto& features = asked.names.views.at(asked.store_id).features;
  std::vector<std::pair<Type, Value>> cells;
  json::Parser parser;
  for (const RowSchema::Field& field : schema.fields) {
    Value value;
    const auto feature = features.find(field.id);
    if (feature != features.end()) {
      const auto text = values.find(feature->second);
      if (text != values.end()) {
        const auto json = parser.parse(text->second);
        if (!json) return unreadable(feature->second);
        PROVENDER_ASSIGN(value, read_json(*json, field.type));
      }
    }
    cells.emplace_back(field.type, std::move(value));
  }
  std::string row;
  const codec::ValueRow columns(cells);
  PROVENDER_TRY(codec::RowEncoder(schema).encode(asked.key, order, columns.columns(), 0, row));
  return row;
}

/// Adds the row of one view, of which _provender says `said`. The schema is looked up among the
/// names of now where those that were asked with do not know it. Fails where these cannot be had:
/// that says nothing about the row.
Result<> JsonLayout::add_row(const Asked& asked,
                             const json::Value& said,
                             const Texts& values,
                             FoundRows& into) const {
  const auto about = parse_about(said);
  if (about && about->store_id < asked.store_id) {  // of a generation that is over
    into.rows.emplace_back();
    return {};
  }
  const RowNames* names = &asked.names;
  std::shared_ptr<const RowNames> newer;
  if (about && !names->schemas.contains(about->schema_id)) {
    newer = names_.known();
    if (!newer || !newer->schemas.contains(about->schema_id)) {
      PROVENDER_ASSIGN(newer, names_.load_anew());
    }
    names = newer.get();
  }
  if (!about || !names->schemas.contains(about->schema_id)) {
    into.rows.emplace_back(kUnreadable);
    return {};
  }
  auto row = make_row(asked, names->schemas.at(about->schema_id).schema, about->order, values);
  into.rows.emplace_back(row ? into.made.emplace_back(*std::move(row)) : kUnreadable);
  return {};
}

Result<> JsonLayout::found(const Answer& answer, FoundRows& into) const {
  const Lookup& lookup = answer.lookup;
  const Reply& reply = answer.reply;
  const RowNames* names = answer.names;
  std::size_t fields = 1;
  for (const std::uint32_t id : lookup.store_ids) {
    fields += names->views.at(id).features.size();
  }
  if (!reply.is_flat_array(fields)) return unreadable("the answer to HMGET");
  if (reply.kind(1) != Reply::Kind::String) {
    into.rows.resize(into.rows.size() + lookup.store_ids.size());
    return {};
  }
  json::Parser parser;
  const auto about = parser.parse(reply.text(1));
  const bool is_object = about && about->is(json::Value::Kind::Object);
  std::size_t at = 2;
  for (const std::uint32_t id : lookup.store_ids) {
    const RowNames::View& view = names->views.at(id);
    Texts values;
    for (const auto& [field, feature] : view.features) {
      if (reply.kind(at) == Reply::Kind::String) values[feature] = reply.text(at);
      ++at;
    }
    if (!is_object) {
      into.rows.emplace_back(kUnreadable);
    } else if (const auto said = about->find(view.name)) {
      PROVENDER_TRY(
          add_row({.names = *names, .key = lookup.key, .store_id = id}, *said, values, into));
    } else {
      into.rows.emplace_back();
    }
  }
  return {};
}

/// Appends what the script wants of one row; returns how many arguments that are.
Result<std::size_t> JsonLayout::append_row(std::string& out,
                                           const RowNames& names,
                                           const WriteRow& row) {
  PROVENDER_ASSIGN(const codec::RowHeader header, codec::read_header(row.key, row.row));
  const auto known = names.schemas.find(header.schema_id);
  if (known == names.schemas.end()) return unreadable("the schema of a row");
  const RowNames::View& view = names.views.at(row.store_id);
  std::vector<std::pair<std::string_view, std::string>> values;
  for (const auto& [field, feature] : view.features) {
    const auto slot = known->second.layout.slot(field);
    if (!slot) continue;
    const auto value = known->second.layout.read(row.row, *slot);
    if (!value) return unreadable(feature);
    append_json(values.emplace_back(feature, "").second, *value);
  }
  std::string about;
  json::Writer writer(about);
  writer.begin_object();
  writer.key("store");
  writer.integer(row.store_id);
  writer.key("schema");
  writer.integer(header.schema_id);
  writer.key("event_timestamp");
  writer.string(format_timestamp(Timestamp(Duration(header.order.event_timestamp)),
                                 /*always_fraction=*/true));
  writer.key("order");
  writer.string(hex_encode(row.row.substr(0, codec::kOrderSize)));
  writer.key("fields");
  writer.begin_array();
  for (const auto& [feature, text] : values) {
    writer.string(feature);
  }
  writer.end_array();
  writer.end_object();
  append_argument(out, view.name);
  append_argument(out, about);
  append_argument(out, std::to_string(values.size()));
  for (const auto& [feature, text] : values) {
    append_argument(out, feature);
    append_argument(out, text);
  }
  return 3 + 2 * values.size();
}

Result<> JsonLayout::write(Call& call, std::span<const WriteRow> rows) const {
  std::vector<std::uint32_t> ids;
  for (const WriteRow& row : rows) {
    ids.push_back(row.store_id);
  }
  PROVENDER_ASSIGN(const auto names, names_.with(rows.front().entity_set, ids));
  PROVENDER_ASSIGN(const std::string key,
                   key_of(*names, rows.front().entity_set, rows.front().key));
  std::string arguments;
  std::size_t count = 0;
  for (const WriteRow& row : rows) {
    PROVENDER_ASSIGN(const std::size_t added, append_row(arguments, *names, row));
    count += added;
  }
  std::string& out = call.begin(slot_of(key));
  append_head(out, 4 + count);
  for (const std::string_view word : {std::string_view("EVALSHA"),
                                      std::string_view(script_name_),
                                      std::string_view("1"),
                                      std::string_view(key)}) {
    append_argument(out, word);
  }
  out += arguments;
  return {};
}

}  // namespace

std::unique_ptr<const Layout> make_json_layout(std::string prefix,
                                               LoadRowNames names,
                                               std::shared_ptr<const RowNames> known) {
  return std::make_unique<JsonLayout>(std::move(prefix), std::move(names), std::move(known));
}

}  // namespace provender::online::redis

#include "wire/read_reply.hpp"

#include <algorithm>

#include "base/json/writer.hpp"
#include "wire/value_json.hpp"

namespace provender::wire {
namespace {

/// The cell as JSON can carry it.
Cell representable(Cell cell) {
  if (cell.status == Status::Present && !has_json_form(cell.value)) {
    cell.status = Status::Invalid;
    cell.value = ValueView::null(cell.value.type());
  }
  return cell;
}

void write_metadata(json::Writer& out,
                    const ReadRequest& request,
                    const Cell& cell,
                    Timestamp now) {
  out.begin_object();
  if (request.include_status) {
    out.key("status");
    out.string(to_string(cell.status));
  }
  if (request.include_event_timestamp) {
    out.key("event_timestamp");
    cell.event_timestamp
        ? out.string(format_timestamp(*cell.event_timestamp, /*always_fraction=*/true))
        : out.null();
  }
  if (request.include_age) {
    out.key("age_seconds");
    cell.event_timestamp
        ? out.number(std::chrono::duration<double>(now - *cell.event_timestamp).count())
        : out.null();
  }
  out.end_object();
}

void write_json(json::Writer& out, const json::Value& value) {
  using enum json::Value::Kind;
  switch (value.kind()) {
    case Bool:
      return out.boolean(value.as_bool());
    case Int:
      return out.integer(value.as_int());
    case String:
      return out.string(value.as_string());
    default:
      return out.null();
  }
}

StatusCounts write_single(json::Writer& out,
                          const ReadRequest& request,
                          const PreparedRead& prepared,
                          const OnlineFeatures& features) {
  StatusCounts counts;
  out.begin_object();
  for (const ReadRequest::Key& key : request.keys) {
    if (std::ranges::find(prepared.keys(), key.name, &PreparedRead::Key::name) ==
        prepared.keys().end()) {
      continue;
    }
    out.key(key.name);
    write_json(out, key.value);
  }
  out.key("features");
  out.begin_object();
  for (std::size_t i = 0; i < prepared.features().size(); ++i) {
    const Cell cell = representable(features.cell(0, i));
    ++counts.counts[static_cast<std::size_t>(cell.status)];
    out.key(prepared.features()[i].name);
    write_value(out, cell.value, Dialect::Provender);
  }
  out.end_object();
  if (request.includes_metadata()) {
    out.key("metadata");
    out.begin_object();
    for (std::size_t i = 0; i < prepared.features().size(); ++i) {
      out.key(prepared.features()[i].name);
      write_metadata(out, request, representable(features.cell(0, i)), features.now());
    }
    out.end_object();
  }
  out.end_object();
  return counts;
}

/// A key column as a result of Feast's form: always PRESENT, its timestamps unset.
void write_key_column(json::Writer& out, const ReadRequest::Key& key, std::size_t rows) {
  out.begin_object();
  out.key("values");
  out.begin_array();
  key.value.for_each_element([&](const json::Value& value) { write_json(out, value); });
  out.end_array();
  out.key("statuses");
  out.begin_array();
  for (std::size_t row = 0; row < rows; ++row) {
    out.string("PRESENT");
  }
  out.end_array();
  out.key("event_timestamps");
  out.begin_array();
  for (std::size_t row = 0; row < rows; ++row) {
    out.string("1970-01-01T00:00:00Z");
  }
  out.end_array();
  out.end_object();
}

void write_feature_column(json::Writer& out,
                          const OnlineFeatures& features,
                          std::size_t feature,
                          StatusCounts& counts) {
  out.begin_object();
  out.key("values");
  out.begin_array();
  for (std::size_t row = 0; row < features.rows(); ++row) {
    write_value(out, representable(features.cell(row, feature)).value, Dialect::Feast);
  }
  out.end_array();
  out.key("statuses");
  out.begin_array();
  for (std::size_t row = 0; row < features.rows(); ++row) {
    const Status status = representable(features.cell(row, feature)).status;
    ++counts.counts[static_cast<std::size_t>(status)];
    out.string(to_string(status));
  }
  out.end_array();
  out.key("event_timestamps");
  out.begin_array();
  for (std::size_t row = 0; row < features.rows(); ++row) {
    out.string(format_timestamp(features.cell(row, feature).event_timestamp.value_or(Timestamp{})));
  }
  out.end_array();
  out.end_object();
}

/// Key columns first, in the order of the request, then features in the order asked.
StatusCounts write_columns(json::Writer& out,
                           const ReadRequest& request,
                           const PreparedRead& prepared,
                           const OnlineFeatures& features) {
  std::vector<const ReadRequest::Key*> keys;
  for (const ReadRequest::Key& key : request.keys) {
    auto wanted = std::ranges::find(prepared.keys(), key.name, &PreparedRead::Key::name);
    if (wanted != prepared.keys().end()) keys.push_back(&key);
  }
  StatusCounts counts;
  out.begin_object();
  out.key("results");
  out.begin_array();
  for (const auto* key : keys) {
    write_key_column(out, *key, request.rows);
  }
  for (std::size_t i = 0; i < prepared.features().size(); ++i) {
    write_feature_column(out, features, i, counts);
  }
  out.end_array();
  out.key("metadata");
  out.begin_object();
  out.key("feature_names");
  out.begin_array();
  for (const auto* key : keys) {
    out.string(key->name);
  }
  for (const auto& feature : prepared.features()) {
    out.string(feature.name);
  }
  out.end_array();
  out.end_object();
  out.end_object();
  return counts;
}

}  // namespace

StatusCounts write_read_reply(std::string& out,
                              const ReadRequest& request,
                              const PreparedRead& prepared,
                              const OnlineFeatures& features) {
  json::Writer writer(out);
  return request.form == ReadRequest::Form::Single
             ? write_single(writer, request, prepared, features)
             : write_columns(writer, request, prepared, features);
}

}  // namespace provender::wire

#include "cli/json_fields.hpp"

#include <algorithm>

#include "wire/value_json.hpp"

namespace provender::cli {
namespace {

/// Anything but a list that is not null.
ValueView view_of(const Value& value, Type type) {
  return value.is_null() ? ValueView::null(type) : to_view(value, type);
}

}  // namespace

void field(json::Writer& writer, std::string_view name, std::string_view value) {
  writer.key(name);
  writer.string(value);
}

void field(json::Writer& writer, std::string_view name, const std::vector<std::string>& values) {
  writer.key(name);
  writer.begin_array();
  for (const std::string& value : values) {
    writer.string(value);
  }
  writer.end_array();
}

void field(json::Writer& writer,
           std::string_view name,
           const std::map<std::string, std::string>& values) {
  writer.key(name);
  writer.begin_object();
  for (const auto& [key, value] : values) {
    field(writer, key, std::string_view(value));
  }
  writer.end_object();
}

void field(json::Writer& writer, std::string_view name, const std::optional<Timestamp>& time) {
  writer.key(name);
  if (time) {
    writer.string(format_timestamp(*time, /*always_fraction=*/true));
  } else {
    writer.null();
  }
}

void write_value(json::Writer& writer, const Value& value, Type type) {
  const auto* list = std::get_if<ValueList>(&value.storage);
  if (list == nullptr) {
    return wire::write_value(writer, view_of(value, type), wire::Dialect::Provender);
  }
  writer.begin_array();
  for (const Value& element : *list) {
    write_value(writer, element, {.kind = type.kind});
  }
  writer.end_array();
}

bool fits_json(const Value& value, Type type) {
  const auto* list = std::get_if<ValueList>(&value.storage);
  if (list == nullptr) return wire::has_json_form(view_of(value, type));
  return std::ranges::all_of(
      *list, [&](const Value& element) { return fits_json(element, {.kind = type.kind}); });
}

std::string value_text(const Value& value, Type type) {
  const auto* list = std::get_if<ValueList>(&value.storage);
  if (list == nullptr) return to_text(view_of(value, type));
  std::string text = "[";
  for (const Value& element : *list) {
    if (text.size() > 1) text += ", ";
    text += value_text(element, {.kind = type.kind});
  }
  return text + "]";
}

}  // namespace provender::cli

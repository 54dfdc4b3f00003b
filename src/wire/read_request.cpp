#include "wire/read_request.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "wire/value_json.hpp"

namespace provender::wire {
namespace {

using JsonKind = json::Value::Kind;

template <class... Args>
Error invalid(fmt::format_string<Args...> text, Args&&... args) {
  return {ErrorCode::InvalidArgument, fmt::format(text, std::forward<Args>(args)...)};
}

Result<> check_duplicates(const json::Value& object, std::string_view what) {
  std::vector<std::string_view> names;
  object.for_each_member([&](std::string_view name, const json::Value&) { names.push_back(name); });
  std::ranges::sort(names);
  if (auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return invalid("{} has the member \"{}\" twice", what, *twice);
  }
  return {};
}

Result<std::vector<std::string>> read_features(const json::Value& value) {
  if (!value.is(JsonKind::Array)) return invalid("\"features\" must be a list of feature names");
  std::vector<std::string> features;
  bool all_text = true;
  value.for_each_element([&](const json::Value& element) {
    all_text = all_text && element.is(JsonKind::String);
    if (all_text) features.emplace_back(element.as_string());
  });
  if (!all_text) return invalid("\"features\" must hold names only, as text");
  return features;
}

Result<bool> read_bool(const json::Value& value, std::string_view name) {
  if (!value.is(JsonKind::Bool)) return invalid("\"{}\" must be true or false", name);
  return value.as_bool();
}

Result<> read_include(ReadRequest& request, const json::Value& value) {
  if (!value.is(JsonKind::Array)) return invalid("\"options.include\" must be a list");
  Result<> result;
  value.for_each_element([&](const json::Value& element) {
    const std::string_view name = element.is(JsonKind::String) ? element.as_string() : "";
    if (name == "status") {
      request.include_status = true;
    } else if (name == "event_timestamp") {
      request.include_event_timestamp = true;
    } else if (name == "age") {
      request.include_age = true;
    } else if (result) {
      result = invalid("\"options.include\" holds \"{}\"; it takes status, event_timestamp and age",
                       name);
    }
  });
  return result;
}

Result<> read_options(ReadRequest& request, const json::Value& value) {
  if (!value.is(JsonKind::Object)) return invalid("\"options\" must be an object");
  PROVENDER_TRY(check_duplicates(value, "\"options\""));
  Result<> result;
  value.for_each_member([&](std::string_view name, const json::Value& member) {
    if (!result) return;
    if (name == "include") {
      result = read_include(request, member);
    } else if (name == "full_feature_names") {
      auto full = read_bool(member, "options.full_feature_names");
      if (full) {
        request.features.full_names = *full;
      } else {
        result = std::move(full).error();
      }
    } else {
      const std::array<std::string, 2> known{"include", "full_feature_names"};
      result = invalid("\"options\" has no member \"{}\"{}", name, did_you_mean(name, known));
    }
  });
  return result;
}

/// Members that both forms have. False: it is none of them.
Result<bool> read_common(ReadRequest& request, std::string_view name, const json::Value& value) {
  if (name == "features") {
    PROVENDER_ASSIGN(request.features.features, read_features(value));
  } else if (name == "feature_service") {
    if (!value.is(JsonKind::String)) {
      return invalid("\"feature_service\" must be the name of a feature service");
    }
    request.features.service = value.as_string();
  } else if (name == "options") {
    PROVENDER_TRY(read_options(request, value));
  } else if (name == "full_feature_names") {
    PROVENDER_ASSIGN(request.features.full_names, read_bool(value, name));
  } else {
    return false;
  }
  return true;
}

Result<> read_columns(ReadRequest& request, const json::Value& entities, std::size_t max_rows) {
  if (!entities.is(JsonKind::Object)) {
    return invalid("\"entities\" must be an object of key columns");
  }
  PROVENDER_TRY(check_duplicates(entities, "\"entities\""));
  Result<> result;
  entities.for_each_member([&](std::string_view name, const json::Value& column) {
    if (!result) return;
    if (!column.is(JsonKind::Array)) {
      result = invalid("\"entities.{}\" must be a list of keys", name);
    } else if (!request.keys.empty() && column.size() != request.rows) {
      result = invalid(
          "\"entities.{}\" has {} keys, \"entities.{}\" has {}: all columns must be equally long",
          name,
          column.size(),
          request.keys.front().name,
          request.rows);
    } else {
      request.rows = column.size();
      request.keys.push_back({.name = name, .value = column});
    }
  });
  PROVENDER_TRY(result);
  if (request.keys.empty()) return invalid("\"entities\" holds no key column");
  if (request.rows > max_rows) {
    return invalid("{} entities asked for, at most {} are answered at once: split the request",
                   request.rows,
                   max_rows);
  }
  return {};
}

/// A service wins over features in Feast's form; ours wants exactly one of the two.
Result<> check_features(ReadRequest& request) {
  FeatureRequest& features = request.features;
  if (request.form == ReadRequest::Form::Columns && !features.service.empty()) {
    features.features.clear();
  }
  if (features.features.empty() && features.service.empty()) {
    return invalid("\"features\" or \"feature_service\" is missing: say what to read");
  }
  if (!features.features.empty() && !features.service.empty()) {
    return invalid(
        "\"features\" and \"feature_service\" are both given: one of them says what to read");
  }
  return {};
}

Result<> check_known(const ReadRequest& request, const PreparedRead& prepared) {
  for (const ReadRequest::Key& key : request.keys) {
    const auto known = prepared.known_keys();
    if (std::ranges::find(known, key.name) != known.end()) continue;
    std::vector<std::string> candidates(known.begin(), known.end());
    candidates.insert(candidates.end(), {"features", "feature_service", "entities", "options"});
    return invalid("\"{}\" is neither a join key of this project nor a member of the request{}",
                   key.name,
                   did_you_mean(key.name, candidates));
  }
  return {};
}

Result<Value> bind(const json::Value& value, const PreparedRead::Key& key) {
  if (value.is(JsonKind::Null)) return invalid("a join key cannot be null");
  if (value.is(JsonKind::Array)) {
    return invalid(
        "found a list, expected one key; batches are asked as {{\"entities\": {{\"{}\": [...]}}}}",
        key.name);
  }
  return read_key(value, key.type);
}

/// Reads one key column (or the one value of the single form) to its places in `owned`.
Result<> bind_column(const ReadRequest& request,
                     const PreparedRead& prepared,
                     std::size_t column,
                     std::vector<Value>& owned) {
  const PreparedRead::Key& wanted = prepared.keys()[column];
  const ReadRequest::Key* given = request.key(wanted.name);
  if (given == nullptr) {
    return invalid("the join key \"{}\" ({}) is missing", wanted.name, to_string(wanted.type));
  }
  const std::size_t width = prepared.keys().size();
  if (request.form == ReadRequest::Form::Single) {
    auto value = bind(given->value, wanted);
    if (!value) return std::move(value).error().within(fmt::format("\"{}\"", wanted.name));
    owned[column] = *std::move(value);
    return {};
  }
  std::size_t row = 0;
  Result<> result;
  given->value.for_each_element([&](const json::Value& element) {
    if (!result) return;
    auto value = bind(element, wanted);
    if (value) {
      owned[row * width + column] = *std::move(value);
    } else {
      result =
          std::move(value).error().within(fmt::format("\"entities.{}[{}]\"", wanted.name, row));
    }
    ++row;
  });
  return result;
}

}  // namespace

const ReadRequest::Key* ReadRequest::key(std::string_view name) const {
  auto found = std::ranges::find(keys, name, &Key::name);
  return found == keys.end() ? nullptr : &*found;
}

Result<ReadRequest> parse_read_request(const json::Value& body, std::size_t max_rows) {
  if (!body.is(JsonKind::Object)) return invalid("the body must be a JSON object");
  PROVENDER_TRY(check_duplicates(body, "the body"));
  ReadRequest request;
  const auto entities = body.find("entities");
  if (entities) request.form = ReadRequest::Form::Columns;
  Result<> result;
  body.for_each_member([&](std::string_view name, const json::Value& value) {
    if (!result) return;
    auto common = read_common(request, name, value);
    if (!common) {
      result = std::move(common).error();
    } else if (!*common && !entities) {
      request.keys.push_back({.name = name, .value = value});
    }
  });
  PROVENDER_TRY(result);
  if (entities) PROVENDER_TRY(read_columns(request, *entities, max_rows));
  PROVENDER_TRY(check_features(request));
  return request;
}

Result<BoundKeys> bind_keys(const ReadRequest& request, const PreparedRead& prepared) {
  if (request.form == ReadRequest::Form::Single) PROVENDER_TRY(check_known(request, prepared));
  BoundKeys keys;
  keys.owned.resize(request.rows * prepared.keys().size());
  for (std::size_t column = 0; column < prepared.keys().size(); ++column) {
    PROVENDER_TRY(bind_column(request, prepared, column, keys.owned));
  }
  keys.views.reserve(keys.owned.size());
  for (std::size_t i = 0; i < keys.owned.size(); ++i) {
    keys.views.push_back(to_view(keys.owned[i], prepared.keys()[i % prepared.keys().size()].type));
  }
  return keys;
}

}  // namespace provender::wire

#include "wire/read_request.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"

namespace provender::wire {
namespace {

using JsonKind = json::Value::Kind;

constexpr std::string_view kLatest = "@latest:";

/// The name that an object has twice; few names are compared without memory.
std::optional<std::string_view> find_duplicate(const json::Value& object) {
  constexpr std::size_t kFew = 16;
  std::array<std::string_view, kFew> few;
  std::vector<std::string_view> many(object.size() > kFew ? object.size() : 0);
  const std::span<std::string_view> names = many.empty() ? std::span(few) : std::span(many);
  std::size_t count = 0;
  object.for_each_member([&](std::string_view name, const json::Value&) { names[count++] = name; });
  std::ranges::sort(names.first(count));
  const auto twice = std::ranges::adjacent_find(names.first(count));
  if (twice == names.first(count).end()) return std::nullopt;
  return *twice;
}

/// Reads one body into a request.
class Reading {
 public:
  Reading(ReadRequest& request, std::size_t max_rows) : request_(request), max_rows_(max_rows) {}

  Result<> read(const json::Value& body);

 private:
  bool is_feast() const { return request_.form == ReadRequest::Form::Columns; }
  /// The error of a field.
  template <class... Args>
  Error wrong(std::string field, fmt::format_string<Args...> text, Args&&... args) {
    request_.details.field = std::move(field);
    return {ErrorCode::InvalidArgument, fmt::format(text, std::forward<Args>(args)...)};
  }

  void reset();
  Result<> check_duplicates(const json::Value& object, std::string_view what);
  Result<> read_member(std::string_view name, const json::Value& value);
  Result<> read_features(const json::Value& value);
  Result<> read_service(const json::Value& value);
  Result<> read_full_names(const json::Value& value, std::string_view field);
  Result<> read_options(const json::Value& value);
  Result<> read_option(std::string_view name, const json::Value& value);
  Result<> read_include(const json::Value& value);
  Result<> read_entities(const json::Value& entities);
  Result<> read_column(std::string_view name, const json::Value& column);
  Result<> check_features();
  void add_feature(std::string_view reference);

  ReadRequest& request_;
  std::size_t max_rows_;
  std::size_t features_ = 0;  ///< how many of the request's strings are in use
};

void Reading::reset() {
  request_.form = ReadRequest::Form::Single;
  request_.features.service.clear();
  request_.features.full_names = false;
  request_.keys.clear();
  request_.rows = 1;
  request_.include_status = request_.include_event_timestamp = request_.include_age = false;
  request_.details = {};
}

Result<> Reading::check_duplicates(const json::Value& object, std::string_view what) {
  if (const auto twice = find_duplicate(object)) {
    return wrong(std::string(*twice), "{} has the member \"{}\" twice", what, *twice);
  }
  return {};
}

/// A reference of Feast may name the version of a view; the latest is what is read.
void Reading::add_feature(std::string_view reference) {
  std::vector<std::string>& names = request_.features.features;
  if (features_ == names.size()) names.emplace_back();
  std::string& name = names[features_++];
  name = reference;
  if (!is_feast()) return;
  const auto is_at = [](char c) { return c == kLatest.front(); };  // few have one, and it is near
  const auto at = std::ranges::find_if(name, is_at) - name.begin();
  const auto version = name.find(kLatest, static_cast<std::size_t>(at));
  if (version != std::string::npos) name.erase(version, kLatest.size() - 1);
}

Result<> Reading::read_features(const json::Value& value) {
  if (is_feast() && value.is(JsonKind::Null)) return {};
  if (!value.is(JsonKind::Array)) {
    return wrong("features", "\"features\" must be a list of feature names");
  }
  bool all_text = true;
  value.for_each_element([&](const json::Value& element) {
    all_text = all_text && element.is(JsonKind::String);
    if (all_text) add_feature(element.as_string());
  });
  if (!all_text) {
    return wrong(fmt::format("features[{}]", features_),
                 "\"features\" must hold names only, as text");
  }
  return {};
}

Result<> Reading::read_service(const json::Value& value) {
  if (is_feast() && value.is(JsonKind::Null)) return {};
  if (!value.is(JsonKind::String)) {
    return wrong("feature_service", "\"feature_service\" must be the name of a feature service");
  }
  request_.features.service = value.as_string();
  return {};
}

Result<> Reading::read_full_names(const json::Value& value, std::string_view field) {
  if (!value.is(JsonKind::Bool)) {
    return wrong(std::string(field), "\"{}\" must be true or false", field);
  }
  request_.features.full_names = value.as_bool();
  return {};
}

Result<> Reading::read_include(const json::Value& value) {
  if (!value.is(JsonKind::Array)) {
    return wrong("options.include", "\"options.include\" must be a list");
  }
  Result<> result;
  value.for_each_element([&](const json::Value& element) {
    const std::string_view name = element.is(JsonKind::String) ? element.as_string() : "";
    if (name == "status") {
      request_.include_status = true;
    } else if (name == "event_timestamp") {
      request_.include_event_timestamp = true;
    } else if (name == "age") {
      request_.include_age = true;
    } else if (result) {
      result = wrong("options.include",
                     "\"options.include\" holds \"{}\"; it takes status, event_timestamp and age",
                     name);
    }
  });
  return result;
}

Result<> Reading::read_option(std::string_view name, const json::Value& value) {
  if (name == "include") return read_include(value);
  if (name == "full_feature_names") return read_full_names(value, "options.full_feature_names");
  const std::array<std::string, 2> known{"include", "full_feature_names"};
  request_.details.nearest = nearest(name, known);
  return wrong(fmt::format("options.{}", name),
               "\"options\" has no member \"{}\"{}",
               name,
               did_you_mean(name, known));
}

Result<> Reading::read_options(const json::Value& value) {
  if (!value.is(JsonKind::Object)) return wrong("options", "\"options\" must be an object");
  PROVENDER_TRY(check_duplicates(value, "\"options\""));
  Result<> result;
  value.for_each_member([&](std::string_view name, const json::Value& member) {
    if (result) result = read_option(name, member);
  });
  return result;
}

/// In Feast's form what is not of it is ignored; in ours it is a key.
Result<> Reading::read_member(std::string_view name, const json::Value& value) {
  if (name == "features") return read_features(value);
  if (name == "feature_service") return read_service(value);
  if (name == "full_feature_names") return read_full_names(value, name);
  if (is_feast()) return {};
  if (name == "options") return read_options(value);
  request_.keys.push_back({.name = name, .value = value});
  return {};
}

Result<> Reading::read_column(std::string_view name, const json::Value& column) {
  if (!column.is(JsonKind::Array)) {
    return wrong(fmt::format("entities.{}", name), "\"entities.{}\" must be a list of keys", name);
  }
  if (!request_.keys.empty() && column.size() != request_.rows) {
    return wrong(
        fmt::format("entities.{}", name),
        "\"entities.{}\" has {} keys, \"entities.{}\" has {}: all columns must be equally long",
        name,
        column.size(),
        request_.keys.front().name,
        request_.rows);
  }
  request_.rows = column.size();
  request_.keys.push_back({.name = name, .value = column});
  return {};
}

Result<> Reading::read_entities(const json::Value& entities) {
  if (!entities.is(JsonKind::Object)) {
    return wrong("entities", "\"entities\" must be an object of key columns");
  }
  PROVENDER_TRY(check_duplicates(entities, "\"entities\""));
  Result<> result;
  entities.for_each_member([&](std::string_view name, const json::Value& column) {
    if (result) result = read_column(name, column);
  });
  PROVENDER_TRY(result);
  if (request_.keys.empty()) return wrong("entities", "\"entities\" holds no key column");
  if (request_.rows > max_rows_) {
    return wrong("entities",
                 "{} entities asked for, at most {} are answered at once: split the request",
                 request_.rows,
                 max_rows_);
  }
  return {};
}

/// A service wins over features in Feast's form; ours wants exactly one of the two.
Result<> Reading::check_features() {
  FeatureRequest& features = request_.features;
  if (is_feast() && !features.service.empty()) features.features.clear();
  if (features.features.empty() && features.service.empty()) {
    return wrong("features", "\"features\" or \"feature_service\" is missing: say what to read");
  }
  if (!features.features.empty() && !features.service.empty()) {
    return wrong(
        "feature_service",
        "\"features\" and \"feature_service\" are both given: one of them says what to read");
  }
  return {};
}

Result<> Reading::read(const json::Value& body) {
  reset();
  if (!body.is(JsonKind::Object)) return wrong("", "the body must be a JSON object");
  const auto entities = body.find("entities");
  if (entities) request_.form = ReadRequest::Form::Columns;
  PROVENDER_TRY(check_duplicates(body, "the body"));
  Result<> result;
  body.for_each_member([&](std::string_view name, const json::Value& value) {
    if (result) result = read_member(name, value);
  });
  PROVENDER_TRY(result);
  request_.features.features.resize(features_);
  if (entities) PROVENDER_TRY(read_entities(*entities));
  return check_features();
}

}  // namespace

const ReadRequest::Key* ReadRequest::key(std::string_view name) const {
  auto found = std::ranges::find(keys, name, &Key::name);
  return found == keys.end() ? nullptr : &*found;
}

Result<> ReadRequest::parse(const json::Value& body, std::size_t max_rows) {
  return Reading(*this, max_rows).read(body);
}

}  // namespace provender::wire

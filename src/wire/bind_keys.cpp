// The keys of a request as the read wants them: found, of the right types, row after row.

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "wire/read_request.hpp"
#include "wire/value_json.hpp"

namespace provender::wire {
namespace {

using JsonKind = json::Value::Kind;

template <class... Args>
Error invalid(fmt::format_string<Args...> text, Args&&... args) {
  return {ErrorCode::InvalidArgument, fmt::format(text, std::forward<Args>(args)...)};
}

bool is_single(const ReadRequest& request) {
  return request.form == ReadRequest::Form::Single;
}

Result<> check_known(ReadRequest& request, const PreparedRead& prepared) {
  const auto known = prepared.known_keys();
  for (const ReadRequest::Key& key : request.keys) {
    if (std::ranges::find(prepared.keys(), key.name, &PreparedRead::Key::name) !=
            prepared.keys().end() ||
        std::ranges::find(known, key.name) != known.end()) {
      continue;
    }
    std::vector<std::string> candidates(known.begin(), known.end());
    candidates.insert(candidates.end(), {"features", "feature_service", "entities", "options"});
    request.details = {.field = std::string(key.name), .nearest = nearest(key.name, candidates)};
    return invalid("\"{}\" is neither a join key of this project nor a member of the request{}",
                   key.name,
                   did_you_mean(key.name, candidates));
  }
  return {};
}

Result<ValueView> read(const json::Value& value,
                       const PreparedRead::Key& key,
                       std::string& decoded) {
  if (value.is(JsonKind::Null)) return invalid("a join key cannot be null");
  if (value.is(JsonKind::Array)) {
    return invalid(
        "found a list, expected one key; batches are asked as {{\"entities\": {{\"{}\": [...]}}}}",
        key.name);
  }
  return read_key(value, key.type, decoded);
}

/// How many bytes the keys of a column can have once they are decoded.
std::size_t decoded_size(const json::Value& value) {
  if (value.is(JsonKind::String)) return value.as_string().size();
  std::size_t size = 0;
  if (!value.is(JsonKind::Array)) return size;
  value.for_each_element([&](const json::Value& element) {
    if (element.is(JsonKind::String)) size += element.as_string().size();
  });
  return size;
}

void make_room(BoundKeys& keys, const ReadRequest& request, const PreparedRead& prepared) {
  std::size_t size = 0;
  for (const PreparedRead::Key& wanted : prepared.keys()) {
    const ReadRequest::Key* given =
        wanted.type.kind == Kind::Bytes ? request.key(wanted.name) : nullptr;
    if (given != nullptr) size += decoded_size(given->value);
  }
  // In memory that stays where it is when more is decoded, and when the whole is moved.
  constexpr std::size_t kNotInPlace = 64;
  keys.decoded.clear();
  if (size > 0) keys.decoded.reserve(std::max(size, kNotInPlace));
  keys.views.assign(request.rows * prepared.keys().size(), ValueView(false));
}

/// Reads one key column, or the one value of the single form.
Result<> bind_column(BoundKeys& keys,
                     ReadRequest& request,
                     const PreparedRead& prepared,
                     std::size_t column) {
  const PreparedRead::Key& wanted = prepared.keys()[column];
  const ReadRequest::Key* given = request.key(wanted.name);
  const auto place = [&] {
    return is_single(request) ? wanted.name : fmt::format("entities.{}", wanted.name);
  };
  if (given == nullptr) {
    request.details.field = place();
    return invalid("the join key \"{}\" ({}) is missing", wanted.name, to_string(wanted.type));
  }
  std::size_t at = column;
  Result<> result;
  const auto take = [&](const json::Value& element) {
    if (!result) return;
    auto value = read(element, wanted, keys.decoded);
    if (value) {
      keys.views[at] = *value;
      at += prepared.keys().size();
      return;
    }
    request.details.field = place();
    if (!is_single(request)) {
      request.details.field += fmt::format("[{}]", at / prepared.keys().size());
    }
    result = std::move(value).error().within(fmt::format("\"{}\"", request.details.field));
  };
  if (is_single(request)) {
    take(given->value);
  } else {
    given->value.for_each_element(take);
  }
  return result;
}

}  // namespace

Result<> BoundKeys::bind(ReadRequest& request, const PreparedRead& prepared) {
  if (is_single(request)) PROVENDER_TRY(check_known(request, prepared));
  make_room(*this, request, prepared);
  for (std::size_t column = 0; column < prepared.keys().size(); ++column) {
    PROVENDER_TRY(bind_column(*this, request, prepared, column));
  }
  return {};
}

}  // namespace provender::wire

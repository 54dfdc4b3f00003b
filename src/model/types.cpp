#include "provender/types.hpp"

#include <array>
#include <limits>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"

namespace provender {
namespace {

struct KindName {
  std::string_view name;
  Kind kind;
};

/// Each kind's own name first, then the aliases.
constexpr std::array kKindNames{KindName{"bool", Kind::Bool},
                                KindName{"int32", Kind::Int32},
                                KindName{"int64", Kind::Int64},
                                KindName{"float32", Kind::Float32},
                                KindName{"float64", Kind::Float64},
                                KindName{"string", Kind::String},
                                KindName{"bytes", Kind::Bytes},
                                KindName{"timestamp", Kind::Timestamp},
                                KindName{"int", Kind::Int64},
                                KindName{"float", Kind::Float64},
                                KindName{"str", Kind::String}};

std::string_view name_of(Kind kind) {
  for (const auto& [name, named] : kKindNames) {
    if (named == kind) return name;
  }
  return "unknown";
}

std::optional<Kind> kind_of(std::string_view name) {
  for (const auto& entry : kKindNames) {
    if (entry.name == name) return entry.kind;
  }
  return std::nullopt;
}

}  // namespace

std::string to_string(Type type) {
  return type.is_list ? fmt::format("list<{}>", name_of(type.kind))
                      : std::string(name_of(type.kind));
}

Result<Type> parse_type(std::string_view text) {
  constexpr std::string_view kList = "list<";
  const bool is_list = text.starts_with(kList) && text.ends_with('>');
  std::string_view element = text;
  if (is_list) element = text.substr(kList.size(), text.size() - kList.size() - 1);
  if (const auto kind = kind_of(element)) return Type{.kind = *kind, .is_list = is_list};

  std::vector<std::string> known;
  for (const auto& [name, kind] : kKindNames) {
    known.emplace_back(name);
    known.push_back(fmt::format("list<{}>", name));
  }
  return Error(ErrorCode::InvalidArgument,
               fmt::format("'{}' is not a type{}: expected bool, int32, int64, float32, float64, "
                           "string, bytes, timestamp, or list<…> of one of them",
                           text,
                           did_you_mean(text, known)));
}

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::Present:
      return "PRESENT";
    case Status::NullValue:
      return "NULL_VALUE";
    case Status::NotFound:
      return "NOT_FOUND";
    case Status::OutsideMaxAge:
      return "OUTSIDE_MAX_AGE";
    case Status::Invalid:
      return "INVALID";
  }
  return "INVALID";
}

Timestamp minus_saturating(Timestamp t, Duration duration) noexcept {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(t.time_since_epoch().count(), duration.count(), &difference)) {
    return Timestamp(Duration(difference));
  }
  return duration.count() > 0 ? Timestamp::min() : Timestamp::max();
}

}  // namespace provender

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/definitions.hpp"

/// How the enumerations of definitions are spelled, in JSON and in YAML.
namespace provender {

/// The member "format" of definitions as JSON.
inline constexpr std::int64_t kDefinitionsFormat = 1;

template <class T>
struct Named {
  std::string_view name;
  T value;
};

inline constexpr std::array kSourceKinds{Named{"parquet", Source::Kind::Parquet},
                                         Named{"csv", Source::Kind::Csv},
                                         Named{"sql", Source::Kind::Sql},
                                         Named{"view", Source::Kind::View}};

inline constexpr std::array kTimestampUnits{Named{"s", TimestampUnit::Seconds},
                                            Named{"ms", TimestampUnit::Milliseconds},
                                            Named{"us", TimestampUnit::Microseconds},
                                            Named{"ns", TimestampUnit::Nanoseconds}};

constexpr std::string_view name_of(Source::Kind kind) {
  return kSourceKinds[static_cast<std::size_t>(kind)].name;
}
constexpr std::string_view name_of(TimestampUnit unit) {
  return kTimestampUnits[static_cast<std::size_t>(unit)].name;
}

/// The value of that name in one of the tables above.
template <class T, std::size_t N>
constexpr std::optional<T> value_of(const std::array<Named<T>, N>& table, std::string_view name) {
  for (const auto& entry : table) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

}  // namespace provender

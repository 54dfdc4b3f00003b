#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provender {

/// Whether `name` is `[A-Za-z][A-Za-z0-9_]*`, at most 128 bytes, without `__`; else what is wrong
/// with it, to be said behind the name: "has a '-' where …".
std::optional<std::string> problem_with_name(std::string_view name);

/// The same for the name of a join key, which must not be a word of requests either.
std::optional<std::string> problem_with_key_name(std::string_view name);

/// The names of objects that have one, in their order.
template <class T>
std::vector<std::string> names_of(const std::vector<T>& objects) {
  std::vector<std::string> names;
  for (const T& object : objects) {
    names.push_back(object.name);
  }
  return names;
}

}  // namespace provender

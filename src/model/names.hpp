#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace provender {

/// Whether `name` is `[A-Za-z][A-Za-z0-9_]*`, at most 128 bytes, without `__`; else what is wrong
/// with it, to be said behind the name: "has a '-' where …".
std::optional<std::string> problem_with_name(std::string_view name);

/// The same for the name of a join key, which must not be a word of requests either.
std::optional<std::string> problem_with_key_name(std::string_view name);

}  // namespace provender

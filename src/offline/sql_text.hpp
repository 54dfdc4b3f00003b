#pragma once

#include <span>
#include <string>
#include <string_view>

/// The words that SQL text is put together from.
namespace provender::offline::sql {

/// A name in double quotes, whatever stands in it.
std::string identifier(std::string_view name);

/// A text literal.
std::string literal(std::string_view text);

/// ['a', 'b']
std::string literal_list(std::span<const std::string> texts);

std::string join(std::span<const std::string> parts, std::string_view separator);

/// A name as DuckDB compares it: ASCII letters in lower case.
std::string folded(std::string_view name);

}  // namespace provender::offline::sql

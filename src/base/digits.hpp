#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Numbers and bytes as digits.
namespace provender {

/// A whole number of decimal digits and nothing else, at most `most`.
std::optional<std::uint64_t> parse_digits(std::string_view text, std::uint64_t most) noexcept;

/// Two lower-case hexadecimal digits a byte.
std::string hex_encode(std::string_view bytes);
/// The bytes of what hex_encode writes, or nullopt.
std::optional<std::string> hex_decode(std::string_view text);

}  // namespace provender

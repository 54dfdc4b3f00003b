#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "provender/types.hpp"

/// How the command line writes numbers, times and foreign text for people.
namespace provender::cli {

/// Looks of a piece of text on a terminal with colours.
enum class Style : std::uint8_t { Plain, Bold, Dim, Red, Green, Yellow };

/// `text` with the escapes of `style`, or as it is without `colour`.
std::string paint(std::string_view text, Style style, bool colour);

/// Columns that `text` (UTF-8) takes on a terminal: combining marks none, wide characters two.
std::size_t display_width(std::string_view text);

/// The longest beginning of `text` that with a `…` behind it takes at most `width` columns; `text`
/// itself if it fits.
std::string truncate(std::string_view text, std::size_t width);

/// Foreign text made safe for one line of a terminal: control characters as \n, \t, \x1b; bytes
/// that are no UTF-8 as \xff.
std::string printable(std::string_view text);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);

/// "1 row", "1,234 rows".
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

/// About how many: "87", "3.4 k", "512 k", "1.2 M".
std::string about(double number);

/// The two largest units: "412ms", "12s", "5m 12s", "201d 6h"; "-3s" for what is still to come.
std::string format_age(Duration age);

/// `time` as seen from `now`: "5m 12s ago", "in 48s", "now".
std::string format_distance(Timestamp time, Timestamp now);

}  // namespace provender::cli

#include "definitions/byte_size.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace provender::definitions {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 10> kUnits{{
    {"B", 1},
    {"kB", 1'000},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
    {"TB", 1'000'000'000'000},
    {"KiB", std::uint64_t{1} << 10},
    {"MiB", std::uint64_t{1} << 20},
    {"GiB", std::uint64_t{1} << 30},
    {"TiB", std::uint64_t{1} << 40},
}};

}  // namespace

Result<std::uint64_t> parse_byte_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  if (failure == std::errc{} && number > 0) {
    for (const auto& [name, bytes] : kUnits) {
      if (unit == name && number <= std::numeric_limits<std::uint64_t>::max() / bytes) {
        return number * bytes;
      }
    }
  }
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("expected a size above zero with its unit (B kB MB GB TB KiB MiB GiB TiB) "
                  "such as 512MiB or 4GB, found '{}'",
                  text));
}

}  // namespace provender::definitions

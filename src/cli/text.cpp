#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace provender::cli {
namespace {

struct Glyph {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

/// The first character of `text`, which is not empty.
Glyph first_glyph(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {.code = lead, .bytes = 1, .valid = true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  char32_t code = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (next & 0x3FU);
  }
  return {.code = code, .bytes = bytes, .valid = true};
}

struct Range {
  char32_t first;
  char32_t last;
};

bool contains(const auto& ranges, char32_t code) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return code >= range.first && code <= range.last; });
}

/// Coarse, after Unicode's East Asian Width and the blocks of combining marks: enough to keep the
/// columns of names and values straight.
std::size_t glyph_width(char32_t code) {
  constexpr std::array kNone = {Range{0x0300, 0x036F},
                                Range{0x1AB0, 0x1AFF},
                                Range{0x200B, 0x200F},
                                Range{0x20D0, 0x20FF},
                                Range{0xFE00, 0xFE0F},
                                Range{0xFE20, 0xFE2F}};
  constexpr std::array kWide = {Range{0x1100, 0x115F},
                                Range{0x2E80, 0xA4CF},
                                Range{0xAC00, 0xD7A3},
                                Range{0xF900, 0xFAFF},
                                Range{0xFE30, 0xFE6F},
                                Range{0xFF00, 0xFF60},
                                Range{0xFFE0, 0xFFE6},
                                Range{0x1F300, 0x1F64F},
                                Range{0x1F680, 0x1F6FF},
                                Range{0x1F900, 0x1F9FF},
                                Range{0x20000, 0x3FFFD}};
  if (contains(kNone, code)) return 0;
  return contains(kWide, code) ? 2 : 1;
}

bool is_control(char32_t code) {
  const bool bidirectional =
      (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || bidirectional;
}

}  // namespace

std::string paint(std::string_view text, Style style, bool colour) {
  if (!colour || style == Style::Plain || text.empty()) return std::string(text);
  constexpr std::array<std::string_view, 6> kCodes = {"0", "1", "2", "31", "32", "33"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes.at(static_cast<std::size_t>(style)), text);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    width += glyph_width(glyph.code);
    text.remove_prefix(glyph.bytes);
  }
  return width;
}

std::string truncate(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::size_t kept = 0;
  std::size_t used = 1;  // the …
  while (true) {
    const Glyph glyph = first_glyph(text.substr(kept));
    used += glyph_width(glyph.code);
    if (used > width) break;
    kept += glyph.bytes;
  }
  return fmt::format("{}…", text.substr(0, kept));
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    if (glyph.valid && !is_control(glyph.code)) {
      result += text.substr(0, glyph.bytes);
    } else if (glyph.valid && glyph.code == '\n') {
      result += "\\n";
    } else if (glyph.valid && glyph.code == '\t') {
      result += "\\t";
    } else if (glyph.valid && glyph.code > 0xFF) {
      result += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(glyph.code));
    } else {
      const auto code = glyph.valid ? static_cast<std::uint32_t>(glyph.code)
                                    : static_cast<unsigned char>(text[0]);
      result += fmt::format("\\x{:02x}", code);
    }
    text.remove_prefix(glyph.bytes);
  }
  return result;
}

std::string grouped(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) {
    digits.insert(at - 3, 1, ',');
  }
  return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(number), number == 1 ? one : many);
}

std::string about(double number) {
  constexpr std::array<std::string_view, 4> kUnits = {"", " k", " M", " G"};
  std::size_t unit = 0;
  while (number >= 999.5 && unit + 1 < kUnits.size()) {
    number /= 1000;
    ++unit;
  }
  const int decimals = unit > 0 && number < 9.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", number, decimals, kUnits.at(unit));
}

std::string format_age(Duration age) {
  using std::chrono::duration_cast;
  const bool ahead = age < Duration::zero();
  // Unsigned, so that the smallest duration has an absolute value too.
  const auto count = static_cast<std::uint64_t>(age.count());
  const std::uint64_t micros = ahead ? 0 - count : count;
  if (micros < 1'000'000) return fmt::format("{}{}ms", ahead ? "-" : "", micros / 1000);

  constexpr std::array kUnits = {std::pair<std::uint64_t, char>{86'400, 'd'},
                                 std::pair<std::uint64_t, char>{3'600, 'h'},
                                 std::pair<std::uint64_t, char>{60, 'm'},
                                 std::pair<std::uint64_t, char>{1, 's'}};
  const std::uint64_t seconds = micros / 1'000'000;
  std::size_t unit = 0;
  while (seconds < kUnits.at(unit).first) {
    ++unit;
  }
  const auto [length, letter] = kUnits.at(unit);
  std::string text = fmt::format("{}{}{}", ahead ? "-" : "", seconds / length, letter);
  if (unit + 1 < kUnits.size()) {
    const auto [next_length, next_letter] = kUnits.at(unit + 1);
    const std::uint64_t rest = seconds % length / next_length;
    if (rest != 0) text += fmt::format(" {}{}", rest, next_letter);
  }
  return text;
}

std::string format_distance(Timestamp time, Timestamp now) {
  if (std::chrono::abs(time - now) < std::chrono::seconds(1)) return "now";
  return time > now ? fmt::format("in {}", format_age(time - now))
                    : fmt::format("{} ago", format_age(now - time));
}

}  // namespace provender::cli

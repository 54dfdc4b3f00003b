#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/append.hpp"
#include "base/endian.hpp"

namespace provender {
namespace {

/// Optimal string alignment distance, row by row: `two_back`, `back` and `row` belong to a's last
/// three letters.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_back(b.size() + 1);
  std::vector<std::size_t> back(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(two_back, back);
    std::swap(back, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({back[j] + 1, row[j - 1] + 1, back[j - 1] + replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_back[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// Sequences of several bytes: the Unicode Standard's table 3-7. Further bytes are 80..BF.
struct Utf8Form {
  std::uint8_t first_min;
  std::uint8_t first_max;
  std::uint8_t length;
  std::uint8_t second_min;
  std::uint8_t second_max;
};
constexpr std::array kUtf8Forms{Utf8Form{0xC2, 0xDF, 2, 0x80, 0xBF},
                                Utf8Form{0xE0, 0xE0, 3, 0xA0, 0xBF},
                                Utf8Form{0xE1, 0xEC, 3, 0x80, 0xBF},
                                Utf8Form{0xED, 0xED, 3, 0x80, 0x9F},
                                Utf8Form{0xEE, 0xEF, 3, 0x80, 0xBF},
                                Utf8Form{0xF0, 0xF0, 4, 0x90, 0xBF},
                                Utf8Form{0xF1, 0xF3, 4, 0x80, 0xBF},
                                Utf8Form{0xF4, 0xF4, 4, 0x80, 0x8F}};

/// How many bytes of ASCII `text` begins with, as far as they are whole words.
std::size_t ascii_words(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t out = 0;
  while (text.size() - out >= 8 && (load_le<std::uint64_t>(text.data() + out) & kHighBits) == 0) {
    out += 8;
  }
  return out;
}

constexpr std::size_t kShortDecimal = 20;  ///< a sign, twelve digits, a point, three more

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Numbers with up to three decimals, as prices, rates, counts and rounded means are: an integer
/// over 1000 is found, and written, in a fifth of the time of the shortest text in general. It is
/// that text: of up to 15 digits, no other number of as few lies as near. Returns the end of what
/// it wrote at `at`; null: it is none, or at least 10^12, or whole and shorter with an exponent.
char* write_short_decimal(char* at, double number) noexcept {
  constexpr double kEnd = 1e12;
  constexpr double kWholeEnd = 1e5;
  constexpr std::uint64_t kScale = 1000;
  const double size = std::abs(number);
  if (!(size < kEnd)) return nullptr;
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): what it makes of no such number is found out
  const auto thousandths = static_cast<std::uint64_t>(size * 1000.0 + 0.5);
  const std::uint64_t decimals = thousandths % kScale;
  if (static_cast<double>(thousandths) / 1000.0 != size) return nullptr;
  if (decimals == 0 && size >= kWholeEnd) return nullptr;
  if (std::signbit(number)) *at++ = '-';
  at = std::to_chars(at, at + kShortDecimal, thousandths / kScale).ptr;
  *at++ = '.';
  const auto put = [&at](std::uint64_t digit) { *at++ = static_cast<char>('0' + digit); };
  put(decimals / 100);
  if (decimals % 100 != 0) put(decimals / 10 % 10);
  if (decimals % 10 != 0) put(decimals % 10);
  return at;
}

template <class Float>
void append_float(std::string& out, Float number) {
  if (std::isnan(number)) {
    out += "nan";
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), number).ptr;
  const std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
  out += digits;
  if (std::isfinite(number) && digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

}  // namespace

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  const std::string wanted = to_lower(word);
  std::size_t best_distance = word.size() / 3 + 1;
  std::string best;
  for (const std::string& candidate : candidates) {
    const auto length_difference = candidate.size() > word.size() ? candidate.size() - word.size()
                                                                  : word.size() - candidate.size();
    if (length_difference >= best_distance) continue;
    const std::size_t distance = edit_distance(wanted, to_lower(candidate));
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string name = nearest(word, candidates);
  return name.empty() ? "" : " (did you mean '" + name + "'?)";
}

std::string join_words(std::span<const std::string> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
    out += words[i];
  }
  return out;
}

std::size_t utf8_sequence(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (byte(0) < 0x80) return 1;
  for (const Utf8Form& form : kUtf8Forms) {
    if (byte(0) < form.first_min || byte(0) > form.first_max) continue;
    if (text.size() < form.length) return 0;
    if (byte(1) < form.second_min || byte(1) > form.second_max) return 0;
    for (std::size_t i = 2; i < form.length; ++i) {
      if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    }
    return form.length;
  }
  return 0;
}

bool is_utf8(std::string_view text) noexcept {
  while (true) {
    text.remove_prefix(ascii_words(text));
    if (text.empty()) return true;
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

std::string base64_encode(std::string_view bytes) {
  std::string out;
  append_base64(out, bytes);
  return out;
}

void append_base64(std::string& out, std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < group.size() ? static_cast<std::uint8_t>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= group.size() ? kBase64[bits >> (18 - 6 * i) & 63] : '=';
    }
  }
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string out;
  if (!append_base64_decoded(out, text)) return std::nullopt;
  return out;
}

bool append_base64_decoded(std::string& out, std::string_view text) {
  if (text.size() % 4 != 0) return false;
  std::size_t letters = text.size();
  while (letters > 0 && text.size() - letters < 2 && text[letters - 1] == '=') {
    --letters;
  }
  std::uint32_t bits = 0;
  int pending = 0;
  for (const char c : text.substr(0, letters)) {
    const auto digit = kBase64.find(c);
    if (digit == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    out += static_cast<char>(bits >> pending & 0xFF);
    bits &= (1U << pending) - 1;
  }
  return bits == 0;
}

void append_number(std::string& out, double number) {
  bool is_short = true;
  append_in_place(out, kShortDecimal, [&is_short, number](char* at) noexcept {
    char* const end = write_short_decimal(at, number);
    is_short = end != nullptr;
    return is_short ? end : at;
  });
  if (!is_short) append_float(out, number);
}

void append_number(std::string& out, float number) {
  append_float(out, number);
}

}  // namespace provender

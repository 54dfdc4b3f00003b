#include "base/json/bad_number.hpp"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

namespace provender::json {
namespace {

constexpr std::string_view kNumberLetters = "+-.0123456789Ee";

std::size_t count_digits(std::string_view text) {
  const auto end = text.find_first_not_of("0123456789");
  return end == std::string_view::npos ? text.size() : end;
}

bool take(std::string_view& text, std::string_view letters) {
  if (text.empty() || !letters.contains(text.front())) return false;
  text.remove_prefix(1);
  return true;
}

bool take_digits(std::string_view& text) {
  const auto count = count_digits(text);
  text.remove_prefix(count);
  return count > 0;
}

/// The grammar of RFC 8259.
bool is_well_formed(std::string_view number) {
  take(number, "-");
  if (!take(number, "0") && !take_digits(number)) return false;
  if (take(number, ".") && !take_digits(number)) return false;
  if (take(number, "eE")) {
    take(number, "+-");
    if (!take_digits(number)) return false;
  }
  return number.empty();
}

template <class T>
bool fits(std::string_view number) {
  T value{};
  return std::from_chars(number.data(), number.data() + number.size(), value).ec == std::errc();
}

bool is_too_large(std::string_view number) {
  if (number.find_first_of(".eE") != std::string_view::npos) return !fits<double>(number);
  return !fits<std::int64_t>(number) && !fits<std::uint64_t>(number);
}

/// Where the string that begins at `open` ends.
std::size_t after_string(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    if (text[at] == '\\') ++at;
  }
  return text.size();
}

std::string excerpt(std::string_view number) {
  constexpr std::size_t kLongest = 40;
  if (number.size() <= kLongest) return std::string(number);
  return fmt::format("{}…", number.substr(0, kLongest));
}

}  // namespace

std::string describe_bad_number(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '"') {
      at = after_string(text, at);
      continue;
    }
    if (text[at] != '-' && count_digits(text.substr(at, 1)) == 0) {
      ++at;
      continue;
    }
    const auto end = std::min(text.find_first_not_of(kNumberLetters, at), text.size());
    const auto number = text.substr(at, end - at);
    if (!is_well_formed(number)) {
      return fmt::format("'{}' at byte {} is not a number", excerpt(number), at);
    }
    if (is_too_large(number)) {
      return fmt::format(
          "number too large: {} at byte {} does not fit 64 bits", excerpt(number), at);
    }
    at = end;
  }
  return "a number is malformed";
}

}  // namespace provender::json

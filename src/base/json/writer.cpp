#include "base/json/writer.hpp"

#include <cmath>
#include <cstring>

#include "base/text.hpp"

namespace provender::json {
namespace {

/// Whether the byte stands for itself inside a JSON string, whatever is around it.
constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

/// The same of eight bytes: a high bit is set in each that is above ASCII, below a blank (the
/// subtraction borrows), or becomes zero where a quote or a backslash is taken away.
constexpr bool are_plain(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  const std::uint64_t quotes = bytes ^ (kOnes * '"');
  const std::uint64_t slashes = bytes ^ (kOnes * '\\');
  const std::uint64_t below = bytes - kOnes * 0x20;
  return ((bytes | below | (quotes - kOnes) | (slashes - kOnes)) & kHigh) == 0;
}

/// How many bytes at the start stand for themselves; eight at a time, as most texts are.
std::size_t plain_size(std::string_view text) {
  std::size_t at = 0;
  for (; text.size() - at >= sizeof(std::uint64_t); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if (!are_plain(word)) break;
  }
  while (at < text.size() && is_plain(text[at])) {
    ++at;
  }
  return at;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

}  // namespace

void Writer::open(char c) {
  separate();
  out_ += c;
  needs_comma_ = false;
}

void Writer::close(char c) {
  out_ += c;
  needs_comma_ = true;
}

void Writer::key(std::string_view name) {
  string(name);
  out_ += ':';
  needs_comma_ = false;
}

void Writer::number(double v) {
  if (!std::isfinite(v)) return null();
  separate();
  append_number(out_, v);
}

void Writer::number(float v) {
  if (!std::isfinite(v)) return null();
  separate();
  append_number(out_, v);
}

void Writer::string(std::string_view v) {
  if (plain_size(v) < v.size()) return escaped(v);
  append_in_place(out_, kComma + v.size() + 2, [this, v](char* at) noexcept {
    at = separate(at);
    *at++ = '"';
    std::memcpy(at, v.data(), v.size());
    at += v.size();
    *at++ = '"';
    return at;
  });
}

void Writer::escaped(std::string_view v) {
  separate();
  out_ += '"';
  while (!v.empty()) {
    const std::size_t plain = plain_size(v);
    out_ += v.substr(0, plain);
    v.remove_prefix(plain);
    if (v.empty()) break;
    const std::size_t length = utf8_sequence(v);
    if (length == 1) append_escape(out_, v.front());
    if (length > 1) out_ += v.substr(0, length);
    if (length == 0) out_ += "\uFFFD";
    v.remove_prefix(length == 0 ? 1 : length);
  }
  out_ += '"';
}

}  // namespace provender::json

#include "base/json/writer.hpp"

#include <charconv>
#include <cmath>
#include <iterator>

#include "base/text.hpp"

namespace provender::json {
namespace {

/// Whether the byte stands for itself inside a JSON string, whatever is around it.
constexpr bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
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

void Writer::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

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

void Writer::null() {
  raw("null");
}

void Writer::boolean(bool v) {
  raw(v ? "true" : "false");
}

void Writer::integer(std::int64_t v) {
  separate();
  char buffer[20];
  const auto end = std::to_chars(std::begin(buffer), std::end(buffer), v).ptr;
  out_.append(buffer, static_cast<std::size_t>(end - buffer));
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
  separate();
  out_ += '"';
  while (!v.empty()) {
    std::size_t plain = 0;
    while (plain < v.size() && is_plain(v[plain])) {
      ++plain;
    }
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

void Writer::raw(std::string_view json) {
  separate();
  out_ += json;
}

}  // namespace provender::json

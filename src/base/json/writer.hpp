#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/append.hpp"

namespace provender::json {

/// Appends JSON to a string, in one pass: commas and escapes are its business, balance is the
/// caller's. Confined to one thread.
class Writer {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit Writer(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);

  void null() { raw("null"); }
  void boolean(bool v) { v ? raw("true") : raw("false"); }
  void integer(std::int64_t v) {
    append_in_place(out_, kComma + kIntegerDigits, [this, v](char* at) noexcept {
      at = separate(at);
      return std::to_chars(at, at + kIntegerDigits, v).ptr;
    });
  }
  /// Shortest text that reads back the same, always with a `.` or an exponent; NaN and ±inf write
  /// null.
  void number(double v);
  /// The same for the shortest text of a float32.
  void number(float v);
  /// Escapes as RFC 8259 asks; bytes that are no UTF-8 become U+FFFD.
  void string(std::string_view v);
  /// A string of what `append(std::string&)` adds, which needs no escape.
  template <class Append>
  void quoted(Append&& append) {
    separate();
    out_ += '"';
    append(out_);
    out_ += '"';
  }
  /// Text that is JSON already.
  void raw(std::string_view json) {
    append_in_place(out_, kComma + json.size(), [this, json](char* at) noexcept {
      at = separate(at);
      std::memcpy(at, json.data(), json.size());
      return at + json.size();
    });
  }

 private:
  static constexpr std::size_t kComma = 1;
  static constexpr std::size_t kIntegerDigits = 20;

  void escaped(std::string_view v);
  void open(char c);
  void close(char c);
  void separate() {
    append_in_place(out_, kComma, [this](char* at) noexcept { return separate(at); });
  }
  char* separate(char* at) noexcept {
    *at = ',';
    return at + (std::exchange(needs_comma_, true) ? 1 : 0);
  }

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace provender::json

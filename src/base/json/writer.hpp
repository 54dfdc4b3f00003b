#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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

  void null();
  void boolean(bool v);
  void integer(std::int64_t v);
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
  void raw(std::string_view json);

 private:
  void open(char c);
  void close(char c);
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace provender::json

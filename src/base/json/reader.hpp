#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "provender/result.hpp"

namespace provender::json {

/// One node of a parsed document: two words, copied freely, valid until its Parser parses again or
/// dies.
class Value {
 public:
  enum class Kind : unsigned char { Null, Bool, Int, UInt, Double, String, Array, Object };

  Kind kind() const noexcept;
  bool is(Kind k) const noexcept { return kind() == k; }

  /// Undefined unless kind() fits. Int: any integer that fits int64. UInt: only those above int64.
  bool as_bool() const noexcept;
  std::int64_t as_int() const noexcept;
  std::uint64_t as_uint() const noexcept;
  double as_double() const noexcept;
  std::string_view as_string() const noexcept;

  /// Calls `each(Value)` for the elements of an array, in order.
  template <class F>
  void for_each_element(F&& each) const {
    for (auto it = first_child(); it; it = next_sibling(*it)) {
      each(*it);
    }
  }
  /// Calls `each(std::string_view key, Value)` for the members of an object, in order, duplicates
  /// included.
  template <class F>
  void for_each_member(F&& each) const {
    for (auto key = first_child(); key;) {
      const Value value = member_value(*key);
      each(key->as_string(), value);
      key = next_sibling(value);
    }
  }
  /// Number of elements or members.
  std::size_t size() const noexcept;
  /// The first member of that name of an object.
  std::optional<Value> find(std::string_view key) const noexcept;

 private:
  friend class Parser;
  Value(const void* document, std::size_t index) : document_(document), index_(index) {}
  std::optional<Value> first_child() const noexcept;
  std::optional<Value> next_sibling(Value child) const noexcept;
  /// What the member of that key holds.
  Value member_value(Value key) const noexcept { return {document_, key.index_ + 1}; }

  const void* document_;
  std::size_t index_;
};

/// Parses JSON text (RFC 8259) whole: UTF-8 is checked, numbers too large for 64 bits and anything
/// behind the document are errors. Keeps its memory from call to call. Confined to one thread.
class Parser {
 public:
  /// `max_depth` bounds the nesting of arrays and objects, empty ones too.
  explicit Parser(std::size_t max_depth = 64);
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// InvalidArgument says what is wrong; `text` need not outlive the call.
  Result<Value> parse(std::string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace provender::json

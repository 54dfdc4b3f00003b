#include "base/json/reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/json/bad_number.hpp"

namespace provender::json {
namespace {

using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

tape_ref tape_at(const void* document, std::size_t index) {
  return {static_cast<const simdjson::dom::document*>(document), index};
}

bool is_end(tape_type type) {
  return type == tape_type::END_ARRAY || type == tape_type::END_OBJECT;
}

bool is_number(tape_type type) {
  return type == tape_type::INT64 || type == tape_type::UINT64 || type == tape_type::DOUBLE;
}

/// Whether arrays and objects are nested deeper. simdjson does not count those that are empty.
bool is_deeper(const simdjson::dom::document& document, std::size_t max_depth) {
  std::size_t depth = 0;
  for (std::size_t at = 1;; ++at) {
    const tape_type type = tape_at(&document, at).tape_ref_type();
    if (type == tape_type::ROOT) return false;  // the end
    if (type == tape_type::START_ARRAY || type == tape_type::START_OBJECT) {
      if (++depth > max_depth) return true;
    } else if (is_end(type)) {
      --depth;
    } else if (is_number(type)) {
      ++at;  // its value has a word of its own
    }
  }
}

Error describe(simdjson::error_code code, std::string_view text, std::size_t max_depth) {
  const auto invalid = [](std::string_view what) {
    return Error(ErrorCode::InvalidArgument, fmt::format("not JSON: {}", what));
  };
  switch (code) {
    case simdjson::EMPTY:
      return invalid("there is no text");
    case simdjson::UTF8_ERROR:
      return invalid("the text is not UTF-8");
    case simdjson::DEPTH_ERROR:
      return {
          ErrorCode::InvalidArgument,
          fmt::format("the JSON text is nested too deep: at most {} levels are read", max_depth)};
    case simdjson::UNCLOSED_STRING:
      return invalid("a string is not closed");
    case simdjson::UNESCAPED_CHARS:
      return invalid("a string holds a control character that is not escaped");
    case simdjson::STRING_ERROR:
      return invalid("a string holds an escape that does not exist");
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return invalid("a word that is neither true, false nor null");
    case simdjson::NUMBER_ERROR:
      return invalid(describe_bad_number(text));
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return {ErrorCode::ResourceExhausted,
              fmt::format("the JSON text of {} bytes is too large to be read", text.size())};
    default:
      return invalid(
          "brackets, braces, commas or colons are wrong, or more text follows the value");
  }
}

}  // namespace

Value::Kind Value::kind() const noexcept {
  switch (tape_at(document_, index_).tape_ref_type()) {
    case tape_type::START_ARRAY:
      return Kind::Array;
    case tape_type::START_OBJECT:
      return Kind::Object;
    case tape_type::STRING:
      return Kind::String;
    case tape_type::INT64:
      return Kind::Int;
    case tape_type::UINT64:
      return Kind::UInt;
    case tape_type::DOUBLE:
      return Kind::Double;
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE:
      return Kind::Bool;
    default:
      return Kind::Null;
  }
}

bool Value::as_bool() const noexcept {
  return tape_at(document_, index_).is_true();
}

std::int64_t Value::as_int() const noexcept {
  return tape_at(document_, index_).next_tape_value<std::int64_t>();
}

std::uint64_t Value::as_uint() const noexcept {
  return tape_at(document_, index_).next_tape_value<std::uint64_t>();
}

double Value::as_double() const noexcept {
  return tape_at(document_, index_).next_tape_value<double>();
}

std::string_view Value::as_string() const noexcept {
  return tape_at(document_, index_).get_string_view();
}

std::size_t Value::size() const noexcept {
  const std::uint32_t counted = tape_at(document_, index_).scope_count();
  if (counted < simdjson::internal::JSON_COUNT_MASK) return counted;
  std::size_t nodes = 0;  // the tape counts no further
  for (auto child = first_child(); child; child = next_sibling(*child)) {
    ++nodes;
  }
  return is(Kind::Object) ? nodes / 2 : nodes;
}

std::optional<Value> Value::find(std::string_view key) const noexcept {
  for (auto name = first_child(); name;) {
    const Value value = member_value(*name);
    if (name->as_string() == key) return value;
    name = next_sibling(value);
  }
  return std::nullopt;
}

std::optional<Value> Value::first_child() const noexcept {
  if (is_end(tape_at(document_, index_ + 1).tape_ref_type())) return std::nullopt;
  return Value(document_, index_ + 1);
}

std::optional<Value> Value::next_sibling(Value child) const noexcept {
  const std::size_t next = tape_at(document_, child.index_).after_element();
  if (is_end(tape_at(document_, next).tape_ref_type())) return std::nullopt;
  return Value(document_, next);
}

struct Parser::Impl {
  std::size_t max_depth;
  simdjson::dom::parser parser;

  simdjson::error_code parse(std::string_view text) {
    if (text.empty()) return simdjson::EMPTY;
    if (parser.capacity() == 0) {
      // simdjson wants to stay below its limit.
      const auto failed = parser.allocate(simdjson::dom::MINIMAL_DOCUMENT_CAPACITY, max_depth + 1);
      if (failed != simdjson::SUCCESS) return failed;
    }
    const auto failed = parser.parse(text.data(), text.size()).error();
    if (failed != simdjson::SUCCESS) return failed;
    return is_deeper(parser.doc, max_depth) ? simdjson::DEPTH_ERROR : simdjson::SUCCESS;
  }
};

Parser::Parser(std::size_t max_depth) : impl_(std::make_unique<Impl>(max_depth)) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

Result<Value> Parser::parse(std::string_view text) {
  const auto code = impl_->parse(text);
  if (code != simdjson::SUCCESS) return describe(code, text, impl_->max_depth);
  return Value(&impl_->parser.doc, 1);  // behind the tape's root word
}

}  // namespace provender::json

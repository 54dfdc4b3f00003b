#include "provender/value.hpp"

#include <bit>
#include <type_traits>

#include "base/endian.hpp"
#include "base/json/writer.hpp"
#include "base/text.hpp"

namespace provender {
namespace {

bool same_bits(float a, float b) {
  return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b);
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

bool is_valid(const ListView::Parts& parts, std::uint32_t index) {
  return parts.validity == nullptr || ((parts.validity[index / 8] >> (index % 8)) & 1) != 0;
}

std::string_view text_element(const ListView::Parts& parts, std::uint32_t index) {
  const auto end_of = [&](std::uint32_t i) {
    return load_le<std::uint32_t>(parts.ends + std::size_t{i} * sizeof(std::uint32_t));
  };
  const std::uint32_t begin = index == 0 ? 0 : end_of(index - 1);
  return {parts.data + begin, end_of(index) - begin};
}

template <class T>
T fixed_element(const ListView::Parts& parts, std::uint32_t index) {
  return load_le<T>(parts.data + std::size_t{index} * sizeof(T));
}

void append_text(std::string& out, const ValueView& value);

void append_list(std::string& out, const ListView& list) {
  out += '[';
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ", ";
    const ValueView element = ValueView::element(list, i);
    const bool is_number = !is_variable_length(list.kind()) && list.kind() != Kind::Timestamp;
    if (element.is_null() || is_number) {
      append_text(out, element);
    } else {
      std::string text;
      append_text(text, element);
      json::Writer(out).string(text);
    }
  }
  out += ']';
}

void append_text(std::string& out, const ValueView& value) {
  if (value.is_null()) {
    out += "null";
    return;
  }
  if (value.type().is_list) return append_list(out, value.get<ListView>());
  switch (value.type().kind) {
    case Kind::Bool:
      out += value.get<bool>() ? "true" : "false";
      return;
    case Kind::Int32:
      out += std::to_string(value.get<std::int32_t>());
      return;
    case Kind::Int64:
      out += std::to_string(value.get<std::int64_t>());
      return;
    case Kind::Float32:
      return append_number(out, value.get<float>());
    case Kind::Float64:
      return append_number(out, value.get<double>());
    case Kind::String:
      out += value.get<std::string_view>();
      return;
    case Kind::Bytes:
      out += base64_encode(value.get<std::string_view>());
      return;
    case Kind::Timestamp:
      out += format_timestamp(value.get<Timestamp>());
      return;
  }
}

Value list_to_value(const ListView& list) {
  ValueList elements;
  elements.reserve(list.size());
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    elements.push_back(to_value(ValueView::element(list, i)));
  }
  return {std::move(elements)};
}

}  // namespace

bool operator==(const Value& a, const Value& b) {
  if (a.storage.index() != b.storage.index()) return false;
  return std::visit(
      [&](const auto& left) {
        using T = std::decay_t<decltype(left)>;
        const auto& right = *std::get_if<T>(&b.storage);
        if constexpr (std::is_floating_point_v<T>) {
          return same_bits(left, right);
        } else {
          return left == right;
        }
      },
      a.storage);
}

ValueView ValueView::element(const ListView& list, std::uint32_t index) {
  const auto& parts = list.parts();
  if (!is_valid(parts, index)) return null(Type{parts.kind});
  switch (parts.kind) {
    case Kind::Bool:
      return ValueView(fixed_element<std::uint8_t>(parts, index) != 0);
    case Kind::Int32:
      return ValueView(fixed_element<std::int32_t>(parts, index));
    case Kind::Int64:
      return ValueView(fixed_element<std::int64_t>(parts, index));
    case Kind::Float32:
      return ValueView(fixed_element<float>(parts, index));
    case Kind::Float64:
      return ValueView(fixed_element<double>(parts, index));
    case Kind::String:
    case Kind::Bytes:
      return {parts.kind, text_element(parts, index)};
    case Kind::Timestamp:
      return ValueView(Timestamp(Duration(fixed_element<std::int64_t>(parts, index))));
  }
  return null(Type{parts.kind});
}

Value to_value(const ValueView& view) {
  if (view.is_null()) return {};
  if (view.type().is_list) return list_to_value(view.get<ListView>());
  switch (view.type().kind) {
    case Kind::Bool:
      return {view.get<bool>()};
    case Kind::Int32:
      return {view.get<std::int32_t>()};
    case Kind::Int64:
      return {view.get<std::int64_t>()};
    case Kind::Float32:
      return {view.get<float>()};
    case Kind::Float64:
      return {view.get<double>()};
    case Kind::String:
      return {std::string(view.get<std::string_view>())};
    case Kind::Bytes:
      return {Bytes{std::string(view.get<std::string_view>())}};
    case Kind::Timestamp:
      return {view.get<Timestamp>()};
  }
  return {};
}

ValueView to_view(const Value& value, Type type) {
  return std::visit(
      [&](const auto& stored) -> ValueView {
        using T = std::decay_t<decltype(stored)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return {Kind::String, stored};
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return {Kind::Bytes, stored.data};
        } else if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, ValueList>) {
          return ValueView::null(type);
        } else {
          return ValueView(stored);
        }
      },
      value.storage);
}

std::string to_text(const ValueView& value) {
  std::string out;
  append_text(out, value);
  return out;
}

}  // namespace provender

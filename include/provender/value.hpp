#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "provender/export.hpp"
#include "provender/types.hpp"

namespace provender {

/// Raw bytes, apart from text.
struct Bytes {
  std::string data;

  friend auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// An owned value of any type; std::monostate is null. For configuration, keys, tests and tools;
/// rows on the serving path are read through ValueView.
struct Value;
using ValueList = std::vector<Value>;
struct Value {
  using Storage = std::variant<std::monostate,
                               bool,
                               std::int32_t,
                               std::int64_t,
                               float,
                               double,
                               std::string,
                               Bytes,
                               Timestamp,
                               ValueList>;
  Storage storage;

  bool is_null() const noexcept { return storage.index() == 0; }
  /// Equality of values as stored: NaN equals NaN of the same bits, -0.0 differs from 0.0.
  friend bool operator==(const Value& a, const Value& b);
};
PROVENDER_EXPORT bool operator==(const Value& a, const Value& b);

/// The elements of one list value as a view over memory that somebody else owns.
/// Elements of fixed-width kinds are little-endian and packed (no alignment); strings and bytes lie
/// one behind the other in `data`, element i ending at the little-endian u32 `ends[i]`.
class ListView {
 public:
  struct Parts {
    Kind kind;
    std::uint32_t size = 0;
    const std::uint8_t* validity =
        nullptr;                 ///< bit i set: element i is not null; null pointer: none is null
    const char* ends = nullptr;  ///< variable-length kinds only: size × u32
    const char* data = nullptr;
  };
  explicit ListView(Parts parts) : parts_(parts) {}

  Kind kind() const noexcept { return parts_.kind; }
  std::uint32_t size() const noexcept { return parts_.size; }
  const Parts& parts() const noexcept { return parts_; }

 private:
  Parts parts_;
};

/// One value of a row as a view: a null, or a scalar, text or list that points into the row's
/// bytes. Valid as long as those bytes are (on the serving path: during the call that hands it
/// out).
class PROVENDER_EXPORT ValueView {
 public:
  static ValueView null(Type type) { return {type, std::monostate{}}; }

  ValueView(Type type, std::monostate /*null*/) : type_(type) {}
  explicit ValueView(bool v) : type_{Kind::Bool}, storage_(v) {}
  explicit ValueView(std::int32_t v) : type_{Kind::Int32}, storage_(v) {}
  explicit ValueView(std::int64_t v) : type_{Kind::Int64}, storage_(v) {}
  explicit ValueView(float v) : type_{Kind::Float32}, storage_(v) {}
  explicit ValueView(double v) : type_{Kind::Float64}, storage_(v) {}
  explicit ValueView(Timestamp v) : type_{Kind::Timestamp}, storage_(v) {}
  /// `kind` is String or Bytes.
  ValueView(Kind kind, std::string_view v) : type_{kind}, storage_(v) {}
  explicit ValueView(ListView v) : type_{v.kind(), true}, storage_(v) {}

  Type type() const noexcept { return type_; }
  bool is_null() const noexcept { return storage_.index() == 0; }

  /// The value as the alternative for type(): bool, std::int32_t, std::int64_t, float, double,
  /// std::string_view (String and Bytes), Timestamp or ListView. Undefined for another T or a null.
  template <class T>
  const T& get() const noexcept {
    return *std::get_if<T>(&storage_);
  }

  /// Element `index` of a list value.
  static ValueView element(const ListView& list, std::uint32_t index);

 private:
  Type type_;
  std::variant<std::monostate,
               bool,
               std::int32_t,
               std::int64_t,
               float,
               double,
               std::string_view,
               Timestamp,
               ListView>
      storage_;
};

/// A copy that owns its bytes.
PROVENDER_EXPORT Value to_value(const ValueView& view);

/// A view of a scalar value as `type`, which must be the type of its alternative. Lists cannot be
/// viewed this way.
PROVENDER_EXPORT ValueView to_view(const Value& value, Type type);

/// Text for people and for command lines: 47, power_user, 5.0, null, bytes as base64, [1.0, null],
/// ["a", "b"].
PROVENDER_EXPORT std::string to_text(const ValueView& value);

/// Reads text as a value of `type`, exactly: "007" is no integer, "5" is no bool, nothing is
/// coerced. Bytes are base64, a list is a JSON array. Gives no null but within lists.
PROVENDER_EXPORT Result<Value> parse_value(std::string_view text, Type type);

}  // namespace provender

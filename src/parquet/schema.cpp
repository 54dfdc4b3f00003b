#include "parquet/schema.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "parquet/format.hpp"

namespace provender::parquet {
namespace {

using Wire = CompactReader::Type;

using format::ConvertedType;
using format::LogicalType;

/// A logical type: which, and its parameters.
struct Logical {
  std::int64_t kind = 0;
  std::int64_t unit = 0;
  bool is_utc = false;
  std::int64_t bits = 0;
  bool is_signed = true;
};

struct SchemaElement {
  std::optional<std::int64_t> physical;
  std::int64_t repetition = format::kRequired;
  std::string_view name;
  std::int64_t children = 0;
  std::optional<std::int64_t> converted;
  std::optional<Logical> logical;
};

Physical physical_of(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return Physical::Bool;
    case Kind::Int32:
      return Physical::Int32;
    case Kind::Int64:
    case Kind::Timestamp:
      return Physical::Int64;
    case Kind::Float32:
      return Physical::Float;
    case Kind::Float64:
      return Physical::Double;
    case Kind::String:
    case Kind::Bytes:
      break;
  }
  return Physical::Bytes;
}

Logical read_logical(CompactReader& in, Wire type) {
  Logical out;
  in.read_struct(type, [&](std::int64_t kind, Wire value) {
    out.kind = kind;
    in.read_struct(value, [&](std::int64_t id, Wire field) {
      if (kind == static_cast<int>(LogicalType::Timestamp) && id == 1) {
        out.is_utc = in.read_bool(field);
        return true;
      }
      if (kind == static_cast<int>(LogicalType::Timestamp) && id == 2) {
        in.read_struct(field, [&](std::int64_t unit, Wire) {
          out.unit = unit;
          return false;
        });
        return true;
      }
      if (kind == static_cast<int>(LogicalType::Integer) && id == 1) {
        out.bits = in.read_integer(field);
        return true;
      }
      if (kind == static_cast<int>(LogicalType::Integer) && id == 2) {
        out.is_signed = in.read_bool(field);
        return true;
      }
      return false;
    });
    return true;
  });
  return out;
}

SchemaElement read_element(CompactReader& in, Wire type) {
  SchemaElement out;
  in.read_struct(type, [&](std::int64_t id, Wire field) {
    switch (id) {
      case 1:
        out.physical = in.read_integer(field);
        return true;
      case 3:
        out.repetition = in.read_integer(field);
        return true;
      case 4:
        out.name = in.read_binary(field);
        return true;
      case 5:
        out.children = in.read_integer(field);
        return true;
      case 6:
        out.converted = in.read_integer(field);
        return true;
      case 10:
        out.logical = read_logical(in, field);
        return true;
      default:
        return false;
    }
  });
  if (out.name.data() == nullptr) in.fail();
  return out;
}

/// Whether it says no more than "a number of so many bits". DuckDB goes by the converted type.
bool is_plain_integer(const SchemaElement& element, std::int64_t bits, ConvertedType converted) {
  const bool is_logical =
      !element.logical || (element.logical->kind == static_cast<int>(LogicalType::Integer) &&
                           element.logical->bits == bits && element.logical->is_signed);
  return is_logical && (!element.converted || element.converted == static_cast<int>(converted));
}

bool is_micros(const SchemaElement& element) {
  if (element.logical) {
    return element.logical->kind == static_cast<int>(LogicalType::Timestamp) &&
           element.logical->unit == format::kMicros;
  }
  return element.converted == static_cast<int>(ConvertedType::TimestampMicros);
}

/// By the converted type, as DuckDB: where only the logical one says so, it reads bytes.
bool is_text(const SchemaElement& element) {
  const bool is_logical =
      !element.logical || element.logical->kind == static_cast<int>(LogicalType::String);
  return is_logical && element.converted == static_cast<int>(ConvertedType::Utf8);
}

/// nullopt: not read.
std::optional<std::pair<Physical, Kind>> type_of(const SchemaElement& element) {
  using Out = std::pair<Physical, Kind>;
  const bool is_bare = !element.logical && !element.converted;
  switch (*element.physical) {
    case format::kBoolean:
      if (is_bare) return Out{Physical::Bool, Kind::Bool};
      break;
    case format::kInt32:
      if (is_plain_integer(element, 32, ConvertedType::Int32)) {
        return Out{Physical::Int32, Kind::Int32};
      }
      break;
    case format::kInt64:
      if (is_plain_integer(element, 64, ConvertedType::Int64)) {
        return Out{Physical::Int64, Kind::Int64};
      }
      if (is_micros(element)) return Out{Physical::Int64, Kind::Timestamp};
      break;
    case format::kFloat:
      if (is_bare) return Out{Physical::Float, Kind::Float32};
      break;
    case format::kDouble:
      if (is_bare) return Out{Physical::Double, Kind::Float64};
      break;
    case format::kByteArray:
      if (is_text(element)) return Out{Physical::Bytes, Kind::String};
      if (is_bare) return Out{Physical::Bytes, Kind::Bytes};
      break;
    default:
      break;
  }
  return std::nullopt;
}

/// Finds the columns among the elements of a tree, which stand in it from the root on.
class Walk {
 public:
  explicit Walk(const std::vector<SchemaElement>& elements) : elements_(elements) {}

  /// nullopt: they are no tree.
  std::optional<Schema> find() {
    if (elements_.empty()) return std::nullopt;
    const std::int64_t children = elements_[0].children;
    at_ = 1;
    for (std::int64_t i = 0; i < children; ++i) {
      if (!add_top()) return std::nullopt;
    }
    if (at_ != elements_.size()) return std::nullopt;
    std::ranges::sort(out_.names);
    const bool has_none = !out_.names.empty() && out_.names.front().empty();
    if (has_none || std::ranges::adjacent_find(out_.names) != out_.names.end()) {
      out_.columns.clear();
      out_.places.clear();
    }
    return std::move(out_);
  }

 private:
  bool add_top() {
    if (at_ == elements_.size()) return false;
    const SchemaElement& element = elements_[at_];
    out_.names.push_back(to_lower(element.name));
    if (!element.physical) return skip_group();
    const bool is_flat =
        element.repetition == format::kRequired || element.repetition == format::kOptional;
    const auto type = is_flat && element.children == 0 ? type_of(element) : std::nullopt;
    if (type) {
      out_.columns.push_back({.name = std::string(element.name),
                              .physical = type->first,
                              .type = {.kind = type->second},
                              .nullable = element.repetition == format::kOptional,
                              .is_utc = element.logical && element.logical->is_utc});
      out_.places.push_back(out_.count);
    }
    ++out_.count;
    ++at_;
    return true;
  }

  bool skip_group() {
    std::size_t left = 1;  // elements that must come yet
    while (left > 0) {
      if (at_ == elements_.size()) return false;
      const SchemaElement& element = elements_[at_++];
      --left;
      if (element.physical) {
        ++out_.count;
        continue;
      }
      if (element.children < 0 ||
          static_cast<std::size_t>(element.children) > elements_.size() - at_) {
        return false;
      }
      left += static_cast<std::size_t>(element.children);
    }
    return true;
  }

  const std::vector<SchemaElement>& elements_;
  Schema out_;
  std::size_t at_ = 0;
};

}  // namespace

Column column_of(std::string name, Type type) {
  return {.name = std::move(name), .physical = physical_of(type.kind), .type = type};
}

std::optional<Schema> read_schema(CompactReader& in, Wire type) {
  std::vector<SchemaElement> elements;
  in.read_list(type, [&](Wire element) { elements.push_back(read_element(in, element)); });
  if (in.failed()) return std::nullopt;
  return Walk(elements).find();
}

}  // namespace provender::parquet

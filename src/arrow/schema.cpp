#include "arrow/schema.hpp"

#include "arrow/nanoarrow_error.hpp"
#include <nanoarrow/nanoarrow.h>

#include "base/try.hpp"

namespace provender::arrow {
namespace {

ArrowType storage_of(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return NANOARROW_TYPE_BOOL;
    case Kind::Int32:
      return NANOARROW_TYPE_INT32;
    case Kind::Int64:
      return NANOARROW_TYPE_INT64;
    case Kind::Float32:
      return NANOARROW_TYPE_FLOAT;
    case Kind::Float64:
      return NANOARROW_TYPE_DOUBLE;
    case Kind::String:
      return NANOARROW_TYPE_STRING;
    case Kind::Bytes:
      return NANOARROW_TYPE_BINARY;
    case Kind::Timestamp:
      break;
  }
  return NANOARROW_TYPE_TIMESTAMP;
}

Result<> set_scalar(ArrowSchema* schema, Kind kind) {
  if (kind == Kind::Timestamp) {
    return checked(ArrowSchemaSetTypeDateTime(
        schema, NANOARROW_TYPE_TIMESTAMP, NANOARROW_TIME_UNIT_MICRO, "UTC"));
  }
  return checked(ArrowSchemaSetType(schema, storage_of(kind)));
}

Result<> set_field(ArrowSchema* schema, const Field& field) {
  if (field.type.is_list) {
    PROVENDER_TRY(checked(ArrowSchemaSetType(schema, NANOARROW_TYPE_LIST)));
    PROVENDER_TRY(set_scalar(schema->children[0], field.type.kind));
  } else {
    PROVENDER_TRY(set_scalar(schema, field.type.kind));
  }
  return checked(ArrowSchemaSetName(schema, field.name.c_str()));
}

}  // namespace

Result<Schema> make_schema(std::span<const Field> fields) {
  Schema out;
  ArrowSchemaInit(out.out());
  PROVENDER_TRY(
      checked(ArrowSchemaSetTypeStruct(out.out(), static_cast<std::int64_t>(fields.size()))));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    PROVENDER_TRY(set_field(out->children[i], fields[i]));
  }
  return out;
}

}  // namespace provender::arrow

#include "arrow/check_batch.hpp"

#include <fmt/format.h>
#include <nanoarrow/ipc/flatcc_generated.h>
#include <nanoarrow/nanoarrow.h>

#include "base/text.hpp"
#include "base/try.hpp"

namespace provender::arrow {
namespace {

using RecordBatch = org_apache_arrow_flatbuf_RecordBatch_table_t;

RecordBatch batch_of(org_apache_arrow_flatbuf_Message_table_t message) {
  const void* const header = org_apache_arrow_flatbuf_Message_header_get(message);
  switch (org_apache_arrow_flatbuf_Message_header_type(message)) {
    case org_apache_arrow_flatbuf_MessageHeader_RecordBatch:
      return static_cast<RecordBatch>(header);
    case org_apache_arrow_flatbuf_MessageHeader_DictionaryBatch:
      return org_apache_arrow_flatbuf_DictionaryBatch_data(
          static_cast<org_apache_arrow_flatbuf_DictionaryBatch_table_t>(header));
    default:
      return nullptr;
  }
}

Result<> check_text_of(const ArrowArrayView& column, const char* name) {
  for (std::int64_t row = 0; row < column.length; ++row) {
    if (ArrowArrayViewIsNull(&column, row) != 0) continue;
    const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&column, row);
    if (is_utf8({text.data, static_cast<std::size_t>(text.size_bytes)})) continue;
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("column '{}', row {} of its batch: the text is not UTF-8",
                             name == nullptr ? "" : name,
                             row + 1));
  }
  return {};
}

}  // namespace

Result<> check_buffers(std::span<const std::uint8_t> message, std::int64_t body_size) {
  constexpr std::int64_t kAlignment = 8;
  const RecordBatch batch = batch_of(org_apache_arrow_flatbuf_Message_as_root(message.data()));
  if (batch == nullptr) return {};
  const auto* const buffers = org_apache_arrow_flatbuf_RecordBatch_buffers(batch);
  for (std::size_t i = 0; i < org_apache_arrow_flatbuf_Buffer_vec_len(buffers); ++i) {
    const auto* const buffer = org_apache_arrow_flatbuf_Buffer_vec_at(buffers, i);
    const std::int64_t offset = org_apache_arrow_flatbuf_Buffer_offset(buffer);
    const std::int64_t length = org_apache_arrow_flatbuf_Buffer_length(buffer);
    if (length == 0) continue;
    if (offset < 0 || length < 0 || offset > body_size || length > body_size - offset) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("buffer {} of a batch, {} bytes from {} on, does not lie within its "
                               "{} bytes",
                               i,
                               length,
                               offset,
                               body_size));
    }
    if (offset % kAlignment != 0) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("buffer {} of a batch begins at {}, which is no multiple of {}",
                               i,
                               offset,
                               kAlignment));
    }
  }
  return {};
}

Result<> check_text(const ArrowSchema& schema, const ArrowArrayView& batch) {
  if (schema.dictionary != nullptr) return check_text(*schema.dictionary, *batch.dictionary);
  switch (batch.storage_type) {
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_STRING_VIEW:
      PROVENDER_TRY(check_text_of(batch, schema.name));
      break;
    default:
      break;
  }
  for (std::int64_t i = 0; i < batch.n_children; ++i) {
    PROVENDER_TRY(check_text(*schema.children[i], *batch.children[i]));
  }
  return {};
}

}  // namespace provender::arrow

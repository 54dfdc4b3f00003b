#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/endian.hpp"
#include "codec/row_codec.hpp"
#include "codec/row_format.hpp"

// A stored row as a bad disk, or a writer with a bug, may leave it: the first byte is the number of
// fields, then a byte a type, then the row. Its checksum is put right, so that what lies behind it
// is reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace provender;
  constexpr std::string_view kKey = "key";
  if (size < 1 || size < 1U + data[0]) return 0;
  RowSchema schema{.id = 1, .fields = {}};
  for (std::size_t i = 1; i <= data[0]; ++i) {
    const Type type{.kind = static_cast<Kind>(1 + data[i] % 8), .is_list = data[i] >= 128};
    schema.fields.push_back({.id = static_cast<std::uint16_t>(i), .type = type});
  }
  std::string row(reinterpret_cast<const char*>(data) + 1 + data[0], size - 1 - data[0]);
  row.shrink_to_fit();
  static_cast<void>(codec::read_header(kKey, row).has_value());
  if (row.size() < codec::kHeaderSize) return 0;
  store_le(row.data() + codec::kChecksumAt, codec::row_checksum(kKey, row));
  row[codec::kFormatAt] = static_cast<char>(codec::kRowFormat);

  const codec::RowLayout layout(schema);
  for (std::size_t slot = 0; slot < schema.fields.size(); ++slot) {
    const auto value = layout.read(row, slot);
    if (!value) continue;
    if (value->type() != schema.fields[slot].type) std::abort();
    static_cast<void>(to_value(*value));  // touches every byte that the view names
  }
  return 0;
}

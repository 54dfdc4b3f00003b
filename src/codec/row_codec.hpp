#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/column.hpp"
#include "model/row_schema.hpp"

/// A feature view's row as one blob, laid out as docs/format/row.md says: order bytes, header,
/// null bitmap, fixed fields, then what has no fixed length.
namespace provender::codec {

inline constexpr std::size_t kOrderSize = 24;
inline constexpr std::size_t kHeaderSize = 34;
inline constexpr std::uint8_t kRowFormat = 1;

/// The first 24 bytes of every row.
void append_order(std::string& out, const RowOrder& order);

/// The order of a row of at least those 24 bytes.
RowOrder read_order(std::string_view row) noexcept;

/// Whether a row with `candidate`'s order bytes takes the place of `stored` (rule 5): unless it is
/// less.
bool replaces(std::string_view candidate_row, std::string_view stored_row) noexcept;

/// Encodes rows of one schema. Confined to one thread.
class RowEncoder {
 public:
  explicit RowEncoder(RowSchema schema);

  /// Appends the row `index` of `columns` (one per field, of the fields' types) for entity `key`.
  /// ResourceExhausted when the row would pass 4 GiB; `out` is left as it was on an error.
  Result<> encode(std::string_view key,
                  const RowOrder& order,
                  std::span<const ColumnView> columns,
                  std::size_t index,
                  std::string& out) const;

 private:
  RowSchema schema_;
  std::size_t tail_at_ = 0;  ///< where the tail begins in a row
};

/// A stored row's header, checked.
struct RowHeader {
  RowOrder order;
  std::uint32_t schema_id;
};

/// Why a stored row is not read.
enum class RowFault : std::uint8_t {
  Format,    ///< too short for a header, or of a format that this version does not know
  Checksum,  ///< some bytes changed since it was written
};

/// Checks length, format and checksum.
std::expected<RowHeader, RowFault> check_header(std::string_view key,
                                                std::string_view row) noexcept;
/// The same, where Corruption says what was found and expected.
Result<RowHeader> read_header(std::string_view key, std::string_view row);

/// Where the fields of one schema lie. Immutable: safe for concurrent use.
class RowLayout {
 public:
  explicit RowLayout(const RowSchema& schema);

  /// The field's place in the schema; nullopt: rows of this schema do not have it.
  std::optional<std::size_t> slot(std::uint16_t field_id) const noexcept {
    if (field_id >= slot_of_field_.size() || slot_of_field_[field_id] == 0) return std::nullopt;
    return slot_of_field_[field_id] - 1U;
  }
  Type type(std::size_t slot) const noexcept;

  /// The value in `slot` of a row whose header was read: a view into `row`. nullopt where the row's
  /// bytes contradict themselves.
  std::optional<ValueView> read(std::string_view row, std::size_t slot) const noexcept {
    ValueView value = ValueView::null(type(slot));
    if (!read_to(value, row, slot)) return std::nullopt;
    return value;
  }
  /// The same, made in the place of `value`: a copy of what was just written is slow. False:
  /// `value` is as it was.
  bool read_to(ValueView& value, std::string_view row, std::size_t slot) const noexcept;

 private:
  /// How a field is read.
  enum class Form : std::uint8_t { Bool, Int32, Int64, Float32, Float64, Timestamp, Text, List };
  struct Slot {
    Type type;
    Form form = Form::Text;
    std::uint32_t at = 0;  ///< of the slot, in a row
    std::uint32_t begins_at =
        0;  ///< of the slot of the field before it in the tail; 0: it is the first
  };

  static Form form_of(Type type) noexcept;
  bool read_tail(ValueView& value, std::string_view row, const Slot& slot) const noexcept;
  std::optional<std::string_view> tail_bytes(std::string_view row, const Slot& slot) const noexcept;

  std::vector<Slot> slots_;
  std::vector<std::uint16_t> slot_of_field_;  ///< slot + 1 by field id; 0: none
  std::size_t tail_at_ = 0;                   ///< where the tail begins in a row
};

}  // namespace provender::codec

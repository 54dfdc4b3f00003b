#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parquet/compact_reader.hpp"

namespace provender::parquet {

/// Writes Thrift's compact protocol, as `CompactReader` reads it. Of each struct the ids of the
/// fields ascend.
class CompactWriter {
 public:
  using Type = CompactReader::Type;

  void integer(int id, std::int64_t value, Type type = Type::I32);
  void boolean(int id, bool value) { field(id, value ? Type::True : Type::False); }
  void binary(int id, std::string_view text);
  void begin_struct(int id);
  void begin_list(int id, Type element, std::uint64_t size);
  void field(int id, Type type);

  // Elements of a list:
  void element(std::int64_t value);
  void element(std::string_view text);
  void begin_element() { last_.push_back(0); }

  /// Ends the struct, or the element, that was begun last.
  void end();
  void raw(std::string_view bytes) { bytes_ += bytes; }

  /// What was written, with the end of the outermost struct.
  std::string finish() const { return bytes_ + '\0'; }

 private:
  std::string bytes_;
  std::vector<int> last_ = {0};  ///< ids, by depth
};

/// Seven bits a byte, the lowest first.
std::string varint(std::uint64_t number);
/// The same, of numbers near zero.
std::string zigzag(std::int64_t number);

}  // namespace provender::parquet

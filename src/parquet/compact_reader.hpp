#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace provender::parquet {

/// Reads Thrift's compact protocol, in which Parquet writes what is no data (Apache Thrift,
/// doc/specs/thrift-compact-protocol.md). Bytes may be anything: what does not fit them makes the
/// reader fail, and from then on it reads zeros and the end of everything.
class CompactReader {
 public:
  enum class Type : std::uint8_t {
    Stop = 0,
    True = 1,
    False = 2,
    Byte = 3,
    I16 = 4,
    I32 = 5,
    I64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
  };

  /// `bytes` must outlive it, and what it returns.
  explicit CompactReader(std::string_view bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  /// What was read is not what there must be.
  void fail() { failed_ = true; }
  /// How many bytes have been read.
  std::size_t position() const { return at_; }

  /// Reads a struct: calls `read(id, type)` for each of its fields, which reads the field's value
  /// or says false; the value is left out then.
  template <class Read>
  void read_struct(Type type, Read read) {
    if (type != Type::Struct) return fail();
    std::int64_t id = 0;
    while (const auto field = next_field(id)) {
      if (!read(id, *field)) skip(*field, 0);
    }
  }

  /// Reads a list: calls `read(type)` for each element, which reads its value.
  template <class Read>
  void read_list(Type type, Read read) {
    const ListHeader list = begin_list(type);
    for (std::size_t i = 0; i < list.size && !failed_; ++i) {
      read(list.element);
    }
  }

  /// What has another type makes the reader fail.
  std::int64_t read_integer(Type type);
  bool read_bool(Type type);
  std::string_view read_binary(Type type);

 private:
  struct ListHeader {
    std::size_t size = 0;
    Type element = Type::Stop;
  };

  /// nullopt: the struct ends. `id`: of the field before, then of this one.
  std::optional<Type> next_field(std::int64_t& id);
  ListHeader begin_list(Type type);
  void skip(Type type, int depth);
  void skip_element(Type type, int depth);
  void skip_map(int depth);
  std::uint8_t read_byte();
  std::uint64_t read_varint();
  std::string_view take(std::uint64_t size);

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace provender::parquet

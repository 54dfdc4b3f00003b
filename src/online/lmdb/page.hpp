#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/endian.hpp"

/// A page of LMDB's file: u64 number, u16 unused, u16 flags, u16 end of its offsets ("lower"), u16
/// begin of its nodes ("upper"); in an overflow page u32 pages in place of these two. Then a u16
/// offset a node. A node: u32 size of its data (in a branch the low 32 bits of its child's number),
/// u16 flags (there the high bits), u16 size of its key, key, data.
namespace provender::online::lmdb {

inline constexpr std::size_t kPageHeaderSize = 16;
inline constexpr std::size_t kNodeHeaderSize = 8;

/// What a page is, in its flags.
inline constexpr std::uint16_t kBranch = 0x01;
inline constexpr std::uint16_t kLeaf = 0x02;
inline constexpr std::uint16_t kOverflow = 0x04;
inline constexpr std::uint16_t kPageKinds = 0x0F;
/// Of a leaf's node: its data are the number of an overflow page.
inline constexpr std::uint16_t kDataIsElsewhere = 0x01;

struct Node {
  std::string_view key;
  std::uint32_t data_size;
  std::uint16_t flags;
  std::string_view data;  ///< of a leaf
  std::uint64_t child;    ///< of a branch
};

inline std::uint64_t page_number(const char* page) noexcept {
  return load_le<std::uint64_t>(page);
}

inline std::uint16_t page_flags(const char* page) noexcept {
  return load_le<std::uint16_t>(page + 10);
}

/// Whether the page carries this number and is of this kind.
inline bool is_page(const char* page, std::uint64_t number, std::uint16_t kind) noexcept {
  return page_number(page) == number && (page_flags(page) & kPageKinds) == kind;
}

/// Of an overflow page: how many pages its data take.
inline std::uint32_t overflow_pages(const char* page) noexcept {
  return load_le<std::uint32_t>(page + 12);
}

/// How many nodes a page has; nullopt: its offsets end outside it.
inline std::optional<std::size_t> node_count(std::string_view page) noexcept {
  const auto lower = load_le<std::uint16_t>(page.data() + 12);
  if (lower <= kPageHeaderSize || lower > page.size() || lower % 2 != 0) return std::nullopt;
  return (lower - kPageHeaderSize) / 2;
}

/// Where the node is, in its page.
inline std::size_t node_offset(std::string_view page, std::size_t index) noexcept {
  return load_le<std::uint16_t>(page.substr(kPageHeaderSize + 2 * index).data());
}

/// One of the page's nodes; nullopt: it ends outside the page.
inline std::optional<Node> node_at(std::string_view page, std::size_t index) noexcept {
  const std::size_t at = node_offset(page, index);
  if (at + kNodeHeaderSize > page.size()) return std::nullopt;
  const char* node = page.data() + at;
  const auto low = load_le<std::uint32_t>(node);
  const auto flags = load_le<std::uint16_t>(node + 4);
  const auto key_size = load_le<std::uint16_t>(node + 6);
  const std::string_view body = page.substr(at + kNodeHeaderSize);
  if (key_size > body.size()) return std::nullopt;
  return Node{.key = body.substr(0, key_size),
              .data_size = low,
              .flags = flags,
              .data = body.substr(key_size),
              .child = low | std::uint64_t{flags} << 32U};
}

}  // namespace provender::online::lmdb

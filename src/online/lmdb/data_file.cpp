#include "online/lmdb/data_file.hpp"

#include <bit>

#include <fmt/format.h>

#include "base/endian.hpp"
#include "base/try.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kVersion = 1;
constexpr std::uint16_t kMetaPage = 0x08;
constexpr std::uint32_t kMinPageSize = 512;
constexpr std::uint32_t kMaxPageSize = 65'536;
constexpr std::uint16_t kMaxDepth = 32;
constexpr std::uint64_t kMetaPages = 2;

// Offsets in a meta, and in each of its two trees.
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kFreePagesAt = 24;
constexpr std::size_t kRowsAt = 72;
constexpr std::size_t kLastPageAt = 120;
constexpr std::size_t kTransactionAt = 128;
constexpr std::size_t kTreeFlagsAt = 4;
constexpr std::size_t kTreeDepthAt = 6;
constexpr std::size_t kTreeEntriesAt = 32;
constexpr std::size_t kTreeRootAt = 40;

Error corrupt(const File& data, std::string_view what) {
  return {ErrorCode::Corruption,
          fmt::format("{} is damaged: {}; delete the store's folder and run `provender materialize "
                      "--full` to rebuild it",
                      data.path().string(),
                      what)};
}

Tree tree_at(std::string_view meta, std::size_t at) {
  const char* tree = meta.data() + at;
  return {.flags = load_le<std::uint16_t>(tree + kTreeFlagsAt),
          .depth = load_le<std::uint16_t>(tree + kTreeDepthAt),
          .entries = load_le<std::uint64_t>(tree + kTreeEntriesAt),
          .root = load_le<std::uint64_t>(tree + kTreeRootAt)};
}

/// The meta in the page at `offset`. Its content is not judged.
Result<Meta> meta_at(const File& data, std::uint64_t offset) {
  PROVENDER_ASSIGN(const std::string page, data.read_at(offset, kPageHeaderSize + Meta::kSize));
  if (page.size() < kPageHeaderSize + Meta::kSize) {
    return corrupt(data, "it ends in its meta pages");
  }
  const std::string_view bytes = std::string_view(page).substr(kPageHeaderSize);
  const auto flags = load_le<std::uint16_t>(page.data() + 10);
  if (flags != kMetaPage || load_le<std::uint32_t>(bytes.data()) != kMagic) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("{} is no LMDB file: there is no meta page at byte {}; if the folder "
                    "held an online store, delete it and run `provender materialize --full`",
                    data.path().string(),
                    offset));
  }
  const auto version = load_le<std::uint32_t>(bytes.data() + kVersionAt);
  if (version != kVersion) {
    return Error(ErrorCode::FailedPrecondition,
                 fmt::format("{} is of LMDB format {}; this version reads format {}",
                             data.path().string(),
                             version,
                             kVersion));
  }
  return Meta(bytes);
}

bool is_sound(const Tree& tree, std::uint64_t last_page) {
  if (tree.root == kNoPage) return tree.depth == 0 && tree.entries == 0;
  return tree.root >= kMetaPages && tree.root <= last_page && tree.depth >= 1 &&
         tree.depth <= kMaxDepth;
}

bool is_sound(const Meta& meta) {
  constexpr std::uint64_t kMostPages = std::uint64_t{1} << 48U;
  return meta.last_page() + 1 >= kMetaPages && meta.last_page() < kMostPages &&
         is_sound(meta.free_pages(), meta.last_page()) && is_sound(meta.rows(), meta.last_page());
}

/// Each commit writes the meta page of its number's lowest bit, so that the two are of consecutive
/// commits.
bool are_consecutive(std::uint64_t even, std::uint64_t odd) {
  return (even == 0 && odd == 0) || (even % 2 == 0 && (odd == even + 1 || odd + 1 == even));
}

}  // namespace

std::uint64_t Meta::transaction() const noexcept {
  return load_le<std::uint64_t>(bytes_.data() + kTransactionAt);
}

std::uint64_t Meta::last_page() const noexcept {
  return load_le<std::uint64_t>(bytes_.data() + kLastPageAt);
}

std::uint32_t Meta::page_size() const noexcept {
  return load_le<std::uint32_t>(bytes_.data() +
                                kFreePagesAt);  // kept in an unused field of that tree
}

Tree Meta::free_pages() const noexcept {
  return tree_at(bytes(), kFreePagesAt);
}

Tree Meta::rows() const noexcept {
  return tree_at(bytes(), kRowsAt);
}

Result<Meta> newest_meta(const File& data) {
  PROVENDER_ASSIGN(const Meta even, meta_at(data, 0));
  const std::uint32_t page_size = even.page_size();
  if (page_size < kMinPageSize || page_size > kMaxPageSize || !std::has_single_bit(page_size)) {
    return corrupt(data, fmt::format("its meta page gives a page size of {}", page_size));
  }
  PROVENDER_ASSIGN(const Meta odd, meta_at(data, page_size));
  if (odd.page_size() != page_size || !are_consecutive(even.transaction(), odd.transaction())) {
    return corrupt(data,
                   fmt::format("its meta pages do not belong together (transactions {} and {}, "
                               "page sizes {} and {})",
                               even.transaction(),
                               odd.transaction(),
                               page_size,
                               odd.page_size()));
  }
  const Meta& newest = odd.transaction() > even.transaction() ? odd : even;
  if (!is_sound(newest)) return corrupt(data, "its newest meta page points outside the file");
  return newest;
}

Result<Meta> meta_of(const File& data, std::uint64_t transaction, std::uint32_t page_size) {
  PROVENDER_ASSIGN(Meta meta, meta_at(data, transaction % 2 * page_size));
  if (meta.transaction() == transaction) return meta;
  return Error(ErrorCode::Internal,
               fmt::format("{}: the meta page of transaction {} is of transaction {}",
                           data.path().string(),
                           transaction,
                           meta.transaction()));
}

Result<> restore_meta(const File& data, const Meta& meta) {
  for (const std::uint64_t number : {meta.transaction(), meta.transaction() - 1}) {
    std::string page(meta.page_size(), '\0');
    store_le(page.data(), number % 2);
    store_le(page.data() + 10, kMetaPage);
    meta.bytes().copy(page.data() + kPageHeaderSize, Meta::kSize);
    store_le(page.data() + kPageHeaderSize + kTransactionAt, number);
    PROVENDER_TRY(data.write_at(number % 2 * meta.page_size(), page));
  }
  return data.sync();
}

}  // namespace provender::online::lmdb

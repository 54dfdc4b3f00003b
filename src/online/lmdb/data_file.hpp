#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "provender/result.hpp"

#include "online/lmdb/file.hpp"
#include "online/lmdb/page.hpp"

/// What must be known of LMDB's own file format (version 1, of all LMDB 0.9): LMDB maps the file
/// and believes it, so that a damaged one would end the process. Two meta pages lead the file; each
/// commit overwrites the older.
namespace provender::online::lmdb {

inline constexpr std::uint64_t kNoPage = ~std::uint64_t{0};

/// One of the two trees of a file: its rows, and its free pages.
struct Tree {
  std::uint16_t flags;
  std::uint16_t depth;
  std::uint64_t entries;
  std::uint64_t root;  ///< kNoPage: empty
};

/// What a meta page says: one committed state of the whole file.
class Meta {
 public:
  static constexpr std::size_t kSize = 136;

  explicit Meta(std::string_view bytes) { bytes.copy(bytes_.data(), kSize); }

  std::string_view bytes() const noexcept { return {bytes_.data(), kSize}; }
  std::uint64_t transaction() const noexcept;
  std::uint64_t last_page() const noexcept;
  std::uint32_t page_size() const noexcept;
  Tree free_pages() const noexcept;
  Tree rows() const noexcept;

  friend bool operator==(const Meta&, const Meta&) = default;

 private:
  std::array<char, kSize> bytes_{};
};

/// The newer meta of a file. FailedPrecondition where the file is none of LMDB's, Corruption where
/// its meta pages contradict themselves.
Result<Meta> newest_meta(const File& data);

/// The meta page that transaction `number` wrote, if it is still there. Call it under the write
/// lock.
Result<Meta> meta_of(const File& data, std::uint64_t transaction, std::uint32_t page_size);

/// Takes the file back to `meta`, whatever its meta pages are now, and syncs it.
Result<> restore_meta(const File& data, const Meta& meta);

/// Follows the trees of `meta` to every page. Corruption where one is missing or is no such page.
Result<> check_pages(const File& data, const Meta& meta);

}  // namespace provender::online::lmdb

#include <string>

#include <fmt/format.h>

#include "base/endian.hpp"
#include "base/try.hpp"
#include "online/lmdb/data_file.hpp"
#include "online/lmdb/page.hpp"

namespace provender::online::lmdb {
namespace {

/// Walks one tree in the order of its keys.
class TreeWalk {
 public:
  enum class Keys : bool { Bytes, Numbers };

  TreeWalk(const File& data, const Meta& meta, std::uint64_t file_pages, Keys keys)
      : data_(data), meta_(meta), file_pages_(file_pages), keys_(keys) {}

  Result<> run(const Tree& tree) {
    if (tree.root == kNoPage) return {};
    PROVENDER_TRY(visit(tree.root, tree.depth));
    if (entries_ == tree.entries) return {};
    return damaged(tree.root,
                   fmt::format("its tree holds {} entries, not {}", entries_, tree.entries));
  }

 private:
  Error damaged(std::uint64_t number, std::string_view what) const {
    return {
        ErrorCode::Corruption,
        fmt::format("{} is damaged or cut off at page {} of {}: {}; delete the store's folder and "
                    "run `provender materialize --full` to rebuild it",
                    data_.path().string(),
                    number,
                    meta_.last_page() + 1,
                    what)};
  }

  /// The page, if it lies in the file, carries its own number and is of this kind.
  Result<std::string> load(std::uint64_t number, std::uint16_t kind) const {
    if (number > meta_.last_page() || number >= file_pages_) {
      return damaged(number, fmt::format("the file has only {} pages", file_pages_));
    }
    PROVENDER_ASSIGN(std::string page,
                     data_.read_at(number * meta_.page_size(), meta_.page_size()));
    if (page.size() < meta_.page_size()) return damaged(number, "the file ends in it");
    if (!is_page(page.data(), number, kind)) {
      return damaged(number, "its header is of another page");
    }
    return page;
  }

  Result<> visit(std::uint64_t number,
                 std::uint16_t depth) {  // NOLINT(misc-no-recursion): at most 32 deep
    const bool is_leaf = depth == 1;
    PROVENDER_ASSIGN(const std::string page, load(number, is_leaf ? kLeaf : kBranch));
    const auto count = node_count(page);
    if (!count) return damaged(number, "its offsets end outside it");
    for (std::size_t i = 0; i < *count; ++i) {
      const auto node = node_at(page, i);
      if (!node) return damaged(number, fmt::format("its node {} ends outside it", i));
      PROVENDER_TRY(is_leaf ? check_entry(number, *node)
                            : visit(node->child, static_cast<std::uint16_t>(depth - 1)));
    }
    return {};
  }

  Result<> check_entry(std::uint64_t number, const Node& node) {
    if (entries_ > 0 && !is_after_last(node.key)) {
      return damaged(number, "its keys are out of order");
    }
    last_key_ = node.key;
    ++entries_;
    if (node.flags == kDataIsElsewhere) return check_overflow(number, node);
    if (node.flags != 0 || node.data_size > node.data.size()) {
      return damaged(number, "its data end outside it");
    }
    return {};
  }

  bool is_after_last(std::string_view key) const {
    if (keys_ == Keys::Bytes) return key > last_key_;
    return key.size() == sizeof(std::uint64_t) && last_key_.size() == key.size() &&
           load_le<std::uint64_t>(key.data()) > load_le<std::uint64_t>(last_key_.data());
  }

  Result<> check_overflow(std::uint64_t number, const Node& node) const {
    if (node.data.size() < sizeof(std::uint64_t)) return damaged(number, "its data end outside it");
    const auto first = load_le<std::uint64_t>(node.data.data());
    PROVENDER_ASSIGN(const std::string page, load(first, kOverflow));
    const std::uint64_t pages = overflow_pages(page.data());
    const std::uint64_t end = first + pages;
    if (kPageHeaderSize + node.data_size > pages * meta_.page_size() ||
        end > meta_.last_page() + 1 || end > file_pages_) {
      return damaged(first, "its data end outside it");
    }
    return {};
  }

  const File& data_;
  const Meta& meta_;
  std::uint64_t file_pages_;
  Keys keys_;
  std::string last_key_;
  std::uint64_t entries_ = 0;
};

}  // namespace

Result<> check_pages(const File& data, const Meta& meta) {
  PROVENDER_ASSIGN(const std::uint64_t size, data.size());
  const std::uint64_t file_pages = size / meta.page_size();
  PROVENDER_TRY(TreeWalk(data, meta, file_pages, TreeWalk::Keys::Numbers).run(meta.free_pages()));
  return TreeWalk(data, meta, file_pages, TreeWalk::Keys::Bytes).run(meta.rows());
}

}  // namespace provender::online::lmdb

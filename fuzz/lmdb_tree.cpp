#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "online/lmdb/tree_reader.hpp"

// A store's file as a bad disk may leave it while it is open: the first page is the root, how deep
// the tree is stands where LMDB leaves two bytes unused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace provender;
  using online::lmdb::TreeReader;
  constexpr std::size_t kDepthAt = 8;
  constexpr std::array<std::uint32_t, 4> kIds = {7, 8, 9, 7};
  if (size <= kDepthAt) return 0;
  std::string file(reinterpret_cast<const char*>(data), size);
  file.resize((size + TreeReader::kPageSize - 1) / TreeReader::kPageSize * TreeReader::kPageSize);
  file.shrink_to_fit();

  TreeReader tree;
  tree.begin({.begin = file.data(),
              .last_page = file.size() / TreeReader::kPageSize - 1,
              .root = 0,
              .depth = data[kDepthAt]});
  for (const std::size_t count : {1U, 12U}) {  // few are read otherwise than many
    std::vector<online::Lookup> lookups;
    while (lookups.size() < count) {
      lookups.push_back({.entity_set = 1, .key = "k", .store_ids = kIds});
      lookups.push_back({.entity_set = 1, .key = "another", .store_ids = kIds});
    }
    std::vector<std::string_view> rows(online::row_count(lookups));
    if (!tree.read(lookups, rows)) return 0;
    for (const std::string_view row : rows) {
      if (row.empty()) continue;
      const auto begin = static_cast<std::size_t>(row.data() - file.data());
      if (begin > file.size() || row.size() > file.size() - begin) std::abort();
    }
  }
  return 0;
}

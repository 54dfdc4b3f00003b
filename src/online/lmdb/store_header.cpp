#include "online/lmdb/store_header.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "base/digits.hpp"

namespace provender::online::lmdb {
namespace {

constexpr std::string_view kTitle = "provender online store\n";

std::map<std::string_view, std::string_view> lines_of(std::string_view text) {
  std::map<std::string_view, std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) {
      lines.emplace(line.substr(0, space), line.substr(space + 1));
    }
  }
  return lines;
}

bool read_id(std::string_view text, Id& id) {
  const auto bytes = hex_decode(text);
  if (!bytes || bytes->size() != id.size()) return false;
  std::ranges::copy(*bytes, id.begin());
  return true;
}

}  // namespace

Result<std::string> encode_header(const StoreHeader& header) {
  if (header.project.contains('\n') || header.registry_id.contains('\n')) {
    return Error(ErrorCode::InvalidArgument,
                 "a project's name and a registry's id have no line breaks");
  }
  return fmt::format("{}format {}\nproject {}\nregistry {}\nstore {}\n",
                     kTitle,
                     header.format,
                     header.project,
                     header.registry_id,
                     hex_encode({header.store.data(), header.store.size()}));
}

Result<StoreHeader> decode_header(std::string_view text) {
  const Error foreign(ErrorCode::FailedPrecondition,
                      "this is an LMDB file, but not a Provender online store");
  if (!text.starts_with(kTitle)) return foreign;
  auto lines = lines_of(text.substr(kTitle.size()));
  StoreHeader header;
  const std::string_view format = lines["format"];
  const auto [end, error] =
      std::from_chars(format.data(), format.data() + format.size(), header.format);
  if (error != std::errc() || end != format.data() + format.size()) return foreign;
  if (header.format > kStoreFormat) {
    return Error(
        ErrorCode::FailedPrecondition,
        fmt::format("the store is of format {}, made by a newer Provender; this version reads "
                    "format {}: upgrade, or delete the folder and run `provender materialize "
                    "--full`",
                    header.format,
                    kStoreFormat));
  }
  header.project = lines["project"];
  header.registry_id = lines["registry"];
  if (!read_id(lines["store"], header.store)) return foreign;
  return header;
}

}  // namespace provender::online::lmdb

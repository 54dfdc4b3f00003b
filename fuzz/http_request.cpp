/// The requests that a connection's bytes make, which must not depend on how the bytes are cut.

#include <algorithm>
#include <cstdint>
#include <string>

#include "http/request_reader.hpp"

namespace {

using provender::http::Limits;
using provender::http::RequestReader;

/// The requests in `bytes`, as text, when they come in pieces of `piece` bytes.
std::string read(std::string_view bytes, std::size_t piece) {
  const Limits limits{.header_bytes = 256, .header_count = 8, .body_bytes = 64};
  RequestReader reader(limits);
  std::string requests;
  while (!bytes.empty() && reader.advance() != RequestReader::State::Refused) {
    const std::span<char> room = reader.room();
    const std::size_t count = std::min({piece, bytes.size(), room.size()});
    std::ranges::copy(bytes.substr(0, count), room.begin());
    reader.commit(count);
    bytes.remove_prefix(count);
    while (reader.advance() == RequestReader::State::Ready) {
      const auto& request = reader.request();
      requests.append(request.method)
          .append(request.path)
          .append(request.query)
          .append(request.body);
      for (const auto& field : request.fields) {
        requests.append(field.name).append(field.value);
      }
      reader.next();
    }
  }
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read(bytes, bytes.size()) != read(bytes, 1 + data[0] % 16)) __builtin_trap();
  return 0;
}

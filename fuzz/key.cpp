#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "codec/key_codec.hpp"

// A key as it may lie in a store: the first byte says how many parts it has, then a byte a type,
// then the key. What decodes must encode to the same bytes, because stores compare them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace provender;
  constexpr Kind kKinds[] = {
      Kind::Bool, Kind::Int32, Kind::Int64, Kind::String, Kind::Bytes, Kind::Timestamp};
  if (size < 1 || size < 1U + data[0]) return 0;
  std::vector<Type> types;
  for (std::size_t i = 1; i <= data[0]; ++i) {
    types.push_back({.kind = kKinds[data[i] % std::size(kKinds)]});
  }
  const std::string_view key(reinterpret_cast<const char*>(data) + 1 + data[0], size - 1 - data[0]);

  const auto decoded = codec::decode_key(key, types);
  if (!decoded || decoded->empty() || key.size() > kMaxKeySize) return 0;
  std::vector<ValueView> parts;
  for (std::size_t i = 0; i < types.size(); ++i) {
    parts.push_back(to_view((*decoded)[i], types[i]));
  }
  const auto encoded = codec::encode_key(parts);
  if (!encoded || *encoded != key) std::abort();
  return 0;
}

#include "server/token.hpp"

#include <array>
#include <span>

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "base/text.hpp"

namespace provender::server {
namespace {

constexpr std::size_t kRandomBytes = 32;

std::string hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace

Result<NewToken> make_token() {
  std::string bytes(kRandomBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), kRandomBytes) != 1) {
    return Error(ErrorCode::Io, "the system gave no random bytes for a token");
  }
  std::string token = "pv_";
  for (const char c : base64_encode(bytes)) {
    if (c != '=') token += c == '+' ? '-' : c == '/' ? '_' : c;
  }
  std::string hash = hash_token(token);
  return NewToken{.token = std::move(token), .hash = std::move(hash)};
}

std::string hash_token(std::string_view token) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  return hex(digest);
}

}  // namespace provender::server

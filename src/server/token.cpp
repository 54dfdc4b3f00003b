#include "server/token.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include "base/digits.hpp"
#include "base/text.hpp"

namespace provender::server {
namespace {

constexpr std::size_t kRandomBytes = 32;

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
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(token.data()),
         token.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return hex_encode(digest);
}

}  // namespace provender::server

#pragma once

#include <string>
#include <string_view>

#include "provender/result.hpp"

namespace provender::server {

/// What is kept of a token: its SHA-256, as 64 small hex digits. One round is enough, because
/// nobody can try 2^256 tokens.
std::string hash_token(std::string_view token);

/// A secret, and the hash by which a server knows it.
struct NewToken {
  std::string token;  ///< "pv_" and 256 random bits in letters, digits, - and _
  std::string hash;   ///< as hash_token
};
Result<NewToken> make_token();

}  // namespace provender::server

#include "server/tokens.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "base/text.hpp"
#include "server/access.hpp"
#include "server/token.hpp"

namespace provender::server {
namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr std::size_t kMaxToken = 512;

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::Write:
      return "write";
    case Scope::Admin:
      return "admin";
    default:
      return "read";
  }
}

bool allows(const ApiToken& token, Scope scope) {
  switch (scope) {
    case Scope::None:
      return true;
    case Scope::Read:
      return token.may_read;
    case Scope::Write:
      return token.may_write;
    case Scope::Admin:
      return token.may_admin;
  }
  return false;
}

std::string_view token_of(std::string_view authorization) {
  if (authorization.size() <= kScheme.size()) return {};
  if (to_lower(authorization.substr(0, kScheme.size())) != kScheme) return {};
  return authorization.substr(kScheme.size());
}

}  // namespace

Tokens::Tokens(const ServerConfig& config) : config_(config) {}

/// All are compared, each to its end.
const ApiToken* Tokens::find(std::string_view token) const {
  const std::string hash = hash_token(token.substr(0, kMaxToken));
  const ApiToken* found = nullptr;
  for (const ApiToken& known : config_.tokens) {
    if (known.hash.size() == hash.size() &&
        CRYPTO_memcmp(known.hash.data(), hash.data(), hash.size()) == 0) {
      found = &known;
    }
  }
  return token.size() <= kMaxToken ? found : nullptr;
}

Tokens::Verdict Tokens::judge_anonymous(Scope scope) const {
  if (scope == Scope::Read || (config_.allow_writes && is_loopback(config_.host))) return {};
  return {
      .status = 403,
      .token = nullptr,
      .message = fmt::format("to {} takes a token: make one with `provender token`, and list it "
                             "in server.tokens",
                             name_of(scope)),
      .challenge = {}};
}

Tokens::Verdict Tokens::judge(Scope scope, std::optional<std::string_view> authorization) const {
  if (scope == Scope::None) return {};
  if (config_.tokens.empty()) return judge_anonymous(scope);
  if (!authorization) {
    return {.status = 401,
            .token = nullptr,
            .message = "a token is needed: send `Authorization: Bearer TOKEN`",
            .challenge = R"(Bearer realm="provender")"};
  }
  const ApiToken* const token = find(token_of(*authorization));
  if (token == nullptr) {
    return {.status = 401,
            .token = nullptr,
            .message =
                "the token is not known here: expected `Authorization: Bearer TOKEN` with "
                "one that server.tokens lists",
            .challenge = R"(Bearer realm="provender", error="invalid_token")"};
  }
  const bool is_here = token->projects.empty() ||
                       std::ranges::find(token->projects, config_.project) != token->projects.end();
  if (allows(*token, scope) && is_here) {
    return {.status = 200, .token = token, .message = {}, .challenge = {}};
  }
  return {
      .status = 403,
      .token = token,
      .message = fmt::format("the token '{}' may not {} in project {}: its scopes and projects "
                             "stand in server.tokens",
                             token->name,
                             name_of(scope),
                             config_.project),
      .challenge = fmt::format(
          R"(Bearer realm="provender", error="insufficient_scope", scope="{}")", name_of(scope))};
}

}  // namespace provender::server

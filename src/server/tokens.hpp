#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provender/server_config.hpp"

#include "server/routes.hpp"

namespace provender::server {

/// Who asks, by the token that the request brings. Immutable: safe for concurrent use.
class Tokens {
 public:
  /// `config` outlives it.
  explicit Tokens(const ServerConfig& config);

  struct Verdict {
    int status = 200;                 ///< 401: no token, or none of ours; 403: not for this
    const ApiToken* token = nullptr;  ///< whose
    std::string message;
    std::string challenge;  ///< for WWW-Authenticate (RFC 6750, 3)
  };
  /// Whether a request with this Authorization may do what `scope` says. Without any configured
  /// token everybody may read, and write where `allow_writes` is set on loopback. How long it takes
  /// says nothing of how near a wrong token is.
  Verdict judge(Scope scope, std::optional<std::string_view> authorization) const;

 private:
  const ApiToken* find(std::string_view token) const;
  Verdict judge_anonymous(Scope scope) const;

  const ServerConfig& config_;
};

}  // namespace provender::server

#pragma once

#include <string>
#include <string_view>

#include "provender/result.hpp"
#include "provender/server_config.hpp"

namespace provender::server {

/// Whether the name or address is this machine's own for itself.
bool is_loopback(const std::string& host);

/// Whether a server may listen on `config.host`: loopback always, another address only with tokens
/// or `insecure: true`.
Result<> check_bind(const ServerConfig& config);

/// Whether a request's Host header is one of ours: loopback's names, any literal address, the
/// configured host, or one of `allowed_hosts`; the port does not matter. Other names may be a web
/// page's that was made to resolve to this machine (DNS rebinding).
bool is_allowed_host(const ServerConfig& config, std::string_view host) noexcept;

/// Whether a web page of this Origin may ask.
bool is_allowed_origin(const ServerConfig& config, std::string_view origin) noexcept;

}  // namespace provender::server

#include "server/gate.hpp"

#include <fmt/format.h>

#include "server/accept.hpp"
#include "server/access.hpp"
#include "server/replies.hpp"

namespace provender::server {

/// The fields that a decision needs, found in one pass.
struct Gate::Headers {
  std::optional<std::string_view> host;
  std::optional<std::string_view> origin;
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> request_id;
  bool wants_arrow = false;
};

Gate::Headers Gate::read_headers(const http::Request& request) {
  Headers headers;
  const auto take =
      [](std::optional<std::string_view>& into, const http::Field& field, std::string_view name) {
        if (!into && http::same_name(field.name, name)) into = field.value;
      };
  for (const http::Field& field : request.fields) {
    switch (field.name.size()) {
      case 4:
        take(headers.host, field, "host");
        break;
      case 6:
        take(headers.origin, field, "origin");
        if (http::same_name(field.name, "accept") && lists_arrow(field.value)) {
          headers.wants_arrow = true;
        }
        break;
      case 12:
        take(headers.request_id, field, "x-request-id");
        break;
      case 13:
        take(headers.authorization, field, "authorization");
        break;
      default:
        break;
    }
  }
  return headers;
}

bool Gate::admit_host(std::optional<std::string_view> host, http::Response& response) {
  if (!host || *host == good_host_) return true;
  if (is_allowed_host(config_, *host)) {
    good_host_ = *host;
    return true;
  }
  write_error(
      response,
      Error(ErrorCode::PermissionDenied,
            fmt::format("host {} is not served here: list it in server.allowed_hosts", *host)));
  return false;
}

bool Gate::admit_origin(std::optional<std::string_view> origin, http::Response& response) {
  if (!origin) return true;
  if (!is_allowed_origin(config_, *origin)) {
    write_error(response,
                Error(ErrorCode::PermissionDenied,
                      fmt::format("origin {} may not ask here: list it in server.allowed_origins",
                                  *origin)));
    return false;
  }
  response.add_header("Access-Control-Allow-Origin", *origin);
  response.add_header("Access-Control-Expose-Headers", "X-Request-Id");
  response.add_header("Vary", "Origin");
  return true;
}

bool Gate::admit_method(const RouteEntry* entry,
                        const http::Request& request,
                        http::Response& response) {
  if (entry == nullptr) {
    write_error(response,
                Error(ErrorCode::NotFound, fmt::format("there is nothing at {}", request.path)));
    return false;
  }
  const std::string_view methods = entry->is_get ? "GET, HEAD" : "POST";
  if (request.method == "OPTIONS") {
    response.add_header("Allow", methods);
    response.add_header("Access-Control-Allow-Methods", methods);
    response.add_header("Access-Control-Allow-Headers",
                        "Content-Type, Authorization, X-Request-Id");
    response.status = 204;
    return false;
  }
  const bool allowed = entry->is_get ? request.method == "GET" || request.method == "HEAD"
                                     : request.method == "POST";
  if (allowed) return true;
  write_error(response,
              Error(ErrorCode::InvalidArgument,
                    fmt::format("{} takes {}, not {}", entry->path, methods, request.method)));
  response.status = 405;
  response.add_header("Allow", methods);
  return false;
}

bool Gate::admit_caller(const RouteEntry& entry,
                        std::optional<std::string_view> authorization,
                        http::Exchange& exchange,
                        Visit& visit) {
  const Tokens::Verdict verdict = tokens_.judge(entry.scope, authorization);
  visit.token = verdict.token;
  if (verdict.status == 200) return true;
  http::Response& response = exchange.response();
  write_error(
      response, Error(ErrorCode::PermissionDenied, verdict.message), exchange.request().body);
  response.status = verdict.status;
  if (!verdict.challenge.empty()) response.add_header("WWW-Authenticate", verdict.challenge);
  return false;
}

const std::string& Gate::name_refused(http::Response& response) {
  ids_.choose(std::nullopt, refused_id_);
  response.add_header("X-Request-Id", refused_id_);
  return refused_id_;
}

bool Gate::admit(http::Exchange& exchange, Visit& visit) {
  const http::Request& request = exchange.request();
  http::Response& response = exchange.response();
  const Headers headers = read_headers(request);
  const RouteEntry* const entry = find_route(request.path);
  visit.route = entry == nullptr ? Route::Other : entry->route;
  visit.wants_arrow = headers.wants_arrow;
  ids_.choose(headers.request_id, visit.id);
  response.add_header("X-Request-Id", visit.id);
  return admit_host(headers.host, response) && admit_origin(headers.origin, response) &&
         admit_method(entry, request, response) &&
         admit_caller(*entry, headers.authorization, exchange, visit);
}

}  // namespace provender::server

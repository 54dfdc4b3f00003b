#include "server/feature_handler.hpp"

#include <fmt/format.h>

#include "base/json/reader.hpp"
#include "base/try.hpp"
#include "server/access.hpp"
#include "wire/errors.hpp"
#include "wire/read_reply.hpp"

namespace provender::server {
namespace {

constexpr std::size_t kMaxIdle = 64;
constexpr std::size_t kMaxDepth = 32;

struct RouteEntry {
  std::string_view path;
  Route route;
  bool is_get;
};
constexpr std::array<RouteEntry, 4> kRouteTable{
    {{"/get-online-features", Route::GetOnlineFeatures, false},
     {"/health", Route::Health, true},
     {"/ready", Route::Ready, true},
     {"/metrics", Route::Metrics, true}}};

Route route_of(std::string_view path) {
  for (const RouteEntry& entry : kRouteTable) {
    if (entry.path == path) return entry.route;
  }
  return Route::Other;
}

bool is_get_route(Route route) {
  return route != Route::GetOnlineFeatures && route != Route::Other;
}

void write_text(http::Response& response, int status, std::string_view text) {
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = text;
}

}  // namespace

struct FeatureHandler::InFlight {
  std::optional<http::Exchange> exchange;
  std::chrono::steady_clock::time_point started;
  json::Parser parser{kMaxDepth};
  wire::ReadRequest request;
  std::shared_ptr<const PreparedRead> prepared;
  wire::BoundKeys keys;
};

FeatureHandler::FeatureHandler(Context context, unsigned loop)
    : context_(context), metrics_(context.metrics.loop(loop)), keeps_registry_fresh_(loop == 0) {}

FeatureHandler::~FeatureHandler() = default;

void FeatureHandler::begin(EventLoop& loop) {
  online_ = context_.online.on_loop(loop);
}

void FeatureHandler::tick() {
  if (!keeps_registry_fresh_) return;
  if (auto version = online_->refresh()) context_.metrics.set_registry_version(*version);
}

void FeatureHandler::finish(http::Exchange& exchange,
                            Route route,
                            std::chrono::steady_clock::time_point started) {
  metrics_.count_request(
      route, exchange.response().status, std::chrono::steady_clock::now() - started);
  exchange.send();
}

void FeatureHandler::fail(http::Exchange& exchange,
                          const Error& error,
                          wire::ReadRequest::Form form) {
  http::Response& response = exchange.response();
  response.status = wire::http_status(error.code());
  response.content_type = "application/json";
  response.body.clear();
  if (form == wire::ReadRequest::Form::Columns) {
    wire::write_feast_error(response.body, error);
  } else {
    wire::write_error(response.body, error);
  }
}

/// Refuses foreign hosts, web pages of unlisted origins, and methods that a route does not have.
bool FeatureHandler::admit(http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  if (const auto host = request.header("host"); host && !is_allowed_host(context_.config, *host)) {
    fail(exchange,
         Error(ErrorCode::PermissionDenied,
               fmt::format("host {} is not served here: list it in server.allowed_hosts", *host)));
    return false;
  }
  if (const auto origin = request.header("origin")) {
    if (!is_allowed_origin(context_.config, *origin)) {
      fail(exchange,
           Error(ErrorCode::PermissionDenied,
                 fmt::format("origin {} may not ask here: list it in server.allowed_origins",
                             *origin)));
      return false;
    }
    exchange.response().add_header("Access-Control-Allow-Origin", *origin);
    exchange.response().add_header("Vary", "Origin");
  }
  const Route route = route_of(request.path);
  if (request.method == "OPTIONS") {
    exchange.response().add_header("Access-Control-Allow-Methods",
                                   is_get_route(route) ? "GET, HEAD" : "POST");
    exchange.response().add_header("Access-Control-Allow-Headers", "Content-Type");
    write_text(exchange.response(), 204, "");
    return false;
  }
  if (route == Route::Other) {
    fail(exchange, Error(ErrorCode::NotFound, fmt::format("there is nothing at {}", request.path)));
    return false;
  }
  const bool allowed = is_get_route(route) ? request.method == "GET" || request.method == "HEAD"
                                           : request.method == "POST";
  if (!allowed) {
    fail(exchange,
         Error(ErrorCode::InvalidArgument,
               fmt::format("{} takes {}, not {}",
                           request.path,
                           is_get_route(route) ? "GET" : "POST",
                           request.method)));
    exchange.response().status = 405;
    exchange.response().add_header("Allow", is_get_route(route) ? "GET, HEAD" : "POST");
  }
  return allowed;
}

void FeatureHandler::handle(http::Exchange exchange) {
  const auto started = std::chrono::steady_clock::now();
  const Route route = route_of(exchange.request().path);
  if (!admit(exchange)) return finish(exchange, route, started);
  switch (route) {
    case Route::GetOnlineFeatures:
      return get_online_features(std::move(exchange));
    case Route::Health:
      write_text(exchange.response(), 200, "ok\n");
      break;
    case Route::Ready:
      return ready(std::move(exchange));
    default:
      exchange.response().body = context_.metrics.render();
      exchange.response().content_type = "text/plain; version=0.0.4; charset=utf-8";
  }
  finish(exchange, route, started);
}

/// Ready is who has something applied, and reaches the online store.
void FeatureHandler::ready(http::Exchange exchange) {
  const auto started = std::chrono::steady_clock::now();
  const auto version = online_->refresh();
  if (!version || *version == 0) {
    write_text(exchange.response(),
               503,
               version ? "not ready: nothing is applied yet\n"
                       : fmt::format("not ready: {}\n", version.error().message()));
    return finish(exchange, Route::Ready, started);
  }
  online_->check([this, exchange = std::move(exchange), started](const Result<>& there) mutable {
    write_text(exchange.response(),
               there ? 200 : 503,
               there ? "ready\n" : fmt::format("not ready: {}\n", there.error().message()));
    finish(exchange, Route::Ready, started);
  });
}

/// Parses, prepares and binds; the read itself is begun by the caller.
Result<> FeatureHandler::start(InFlight& request) {
  const std::string_view body = request.exchange->request().body;
  if (body.empty()) {
    return Error(ErrorCode::InvalidArgument, "the body is empty: a JSON object is expected");
  }
  PROVENDER_ASSIGN(const json::Value document, request.parser.parse(body));
  // Known before the rest is read, so that errors have the form of the request.
  if (document.is(json::Value::Kind::Object) && document.find("entities")) {
    request.request.form = wire::ReadRequest::Form::Columns;
  }
  PROVENDER_ASSIGN(
      request.request,
      wire::parse_read_request(document, static_cast<std::size_t>(context_.config.max_batch_rows)));
  PROVENDER_ASSIGN(request.prepared, online_->prepare(request.request.features));
  PROVENDER_ASSIGN(request.keys, wire::bind_keys(request.request, *request.prepared));
  return {};
}

void FeatureHandler::get_online_features(http::Exchange exchange) {
  std::unique_ptr<InFlight> request;
  if (idle_.empty()) {
    request = std::make_unique<InFlight>();
  } else {
    request = std::move(idle_.back());
    idle_.pop_back();
  }
  request->exchange = std::move(exchange);
  request->started = std::chrono::steady_clock::now();
  request->request = {};
  if (auto started = start(*request); !started) {
    return answer(std::move(request), std::move(started).error());
  }
  auto prepared = request->prepared;
  const std::span<const ValueView> keys = request->keys.views;
  online_->read(std::move(prepared),
                keys,
                [this, request = std::move(request)](
                    const Result<std::reference_wrapper<const OnlineFeatures>>& features) mutable {
                  answer(std::move(request), features);
                });
}

void FeatureHandler::answer(std::unique_ptr<InFlight> request,
                            const Result<std::reference_wrapper<const OnlineFeatures>>& features) {
  http::Exchange exchange = *std::exchange(request->exchange, std::nullopt);
  if (features) {
    const auto counts = wire::write_read_reply(
        exchange.response().body, request->request, *request->prepared, features->get());
    metrics_.count_values(counts.counts);
  } else {
    fail(exchange, features.error(), request->request.form);
  }
  finish(exchange, Route::GetOnlineFeatures, request->started);
  request->prepared = nullptr;
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(request));
}

}  // namespace provender::server

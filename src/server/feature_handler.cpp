#include "server/feature_handler.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/json/reader.hpp"
#include "base/try.hpp"
#include "server/replies.hpp"
#include "wire/read_reply_arrow.hpp"

namespace provender::server {
namespace {

constexpr std::size_t kMaxIdle = 64;
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxWatched = 1024;
// What a request may leave behind for the next one.
constexpr std::size_t kKeptBody = std::size_t{64} << 10;
constexpr std::size_t kKeptKeys = 1024;
constexpr std::size_t kKeptNames = 1024;

/// A service's name without the version: as many series as there are services.
std::string_view service_of(std::string_view name) {
  return name.substr(0, name.find('@'));
}

/// A store that is not as it should be is no fault of who asks.
Error as_seen_by_readers(Error error) {
  if (error.code() != ErrorCode::FailedPrecondition) return error;
  return {ErrorCode::Unavailable, fmt::format("the online store: {}", error.message())};
}

}  // namespace

struct FeatureHandler::InFlight {
  std::optional<http::Exchange> exchange;
  Visit visit;
  json::Parser parser{kMaxDepth};
  std::size_t largest_body = 0;  ///< that the parser has memory for
  bool is_read = false;          ///< `request` is of this body
  wire::ReadRequest request;
  std::shared_ptr<const PreparedRead> prepared;
  wire::BoundKeys keys;

  bool is_large() const {
    return largest_body > kKeptBody || keys.views.capacity() > kKeptKeys ||
           request.features.features.capacity() > kKeptNames;
  }
};

struct FeatureHandler::Watched {
  struct View {
    std::size_t feature;  ///< one of the view's
    AgeSeries* ages;
  };
  std::shared_ptr<const PreparedRead> prepared;  ///< so that its address stays its own
  wire::ReplyNames names;
  RequestSeries* requests;
  std::vector<View> views;
  std::optional<wire::ArrowColumns> arrow;  ///< made when it is asked for
};

FeatureHandler::FeatureHandler(Context context, unsigned loop)
    : context_(context),
      metrics_(context.metrics.loop(loop)),
      gate_(context.config, context.tokens),
      access_(context.access_log),
      keeps_registry_fresh_(loop == 0) {}

FeatureHandler::~FeatureHandler() = default;

void FeatureHandler::begin(EventLoop& loop) {
  online_ = context_.online.on_loop(loop);
}

void FeatureHandler::tick() {
  access_.flush();
  if (!keeps_registry_fresh_) return;
  if (auto version = online_->refresh()) {
    has_version_ = *version != 0;
    context_.metrics.set_registry_version(*version);
  } else {
    metrics_.count_registry_error();
  }
}

void FeatureHandler::refuse(const http::Refusal& refusal, http::Response& response) {
  metrics_.count_refused(refusal.status);
  http::write_refusal(refusal, response);
  const std::string& id = gate_.name_refused(response);
  access_.add_refused(refusal, id, response);
}

void FeatureHandler::finish(http::Exchange& exchange, const Visit& visit, RequestSeries& series) {
  const auto took = std::chrono::steady_clock::now() - visit.started;
  series.count(exchange.response().status, took);
  access_.add(exchange, visit, took);
  exchange.send();
}

std::unique_ptr<FeatureHandler::InFlight> FeatureHandler::take() {
  if (idle_.empty()) return std::make_unique<InFlight>();
  auto request = std::move(idle_.back());
  idle_.pop_back();
  return request;
}

void FeatureHandler::give_back(std::unique_ptr<InFlight> request) {
  if (idle_.size() < kMaxIdle && !request->is_large()) idle_.push_back(std::move(request));
}

void FeatureHandler::handle(http::Exchange exchange) {
  std::unique_ptr<InFlight> request = take();
  Visit& visit = request->visit;
  visit.started = std::chrono::steady_clock::now();
  visit.token = nullptr;
  visit.service = {};
  visit.rows = 0;
  if (!gate_.admit(exchange, visit)) {
    finish(exchange, visit, metrics_.route(visit.route));
    return give_back(std::move(request));
  }
  request->exchange = std::move(exchange);
  if (visit.route == Route::GetOnlineFeatures) return get_online_features(std::move(request));
  if (visit.route == Route::Ready) return ready(std::move(request));
  answer_at_once(std::move(request));
}

void FeatureHandler::answer_at_once(std::unique_ptr<InFlight> request) {
  http::Exchange exchange = *std::exchange(request->exchange, std::nullopt);
  http::Response& response = exchange.response();
  const Route route = request->visit.route;
  if (route == Route::Metrics) {
    response.body = context_.metrics.render();
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  } else if (route == Route::OpenApi) {
    response.body = context_.openapi;
  } else {
    write_text(response, 200, "ok\n");
  }
  finish(exchange, request->visit, metrics_.route(route));
  give_back(std::move(request));
}

/// Ready is who has something applied, and reaches the online store. A registry that is away for a
/// while takes nobody out of service: what was applied last goes on being served.
void FeatureHandler::ready(std::unique_ptr<InFlight> request) {
  const auto version = online_->refresh();
  if (version && *version == 0) {
    return answer_ready(std::move(request), "nothing is applied yet");
  }
  if (version) has_version_ = true;
  if (!has_version_) return answer_ready(std::move(request), version.error().message());
  online_->check([this, request = std::move(request)](const Result<>& there) mutable {
    answer_ready(std::move(request), there ? std::string_view() : there.error().message());
  });
}

/// Where tokens are in use the problem, which may name files and hosts, is not for everybody.
void FeatureHandler::answer_ready(std::unique_ptr<InFlight> request, std::string_view problem) {
  http::Exchange exchange = *std::exchange(request->exchange, std::nullopt);
  if (problem.empty()) {
    write_text(exchange.response(), 200, "ready\n");
  } else if (context_.config.tokens.empty()) {
    write_text(exchange.response(), 503, fmt::format("not ready: {}\n", problem));
  } else {
    write_text(exchange.response(), 503, "not ready\n");
  }
  finish(exchange, request->visit, metrics_.route(Route::Ready));
  give_back(std::move(request));
}

/// Parses, prepares and binds; the read itself is begun by the caller.
Result<> FeatureHandler::start(InFlight& flight) {
  wire::ReadRequest& request = flight.request;
  request.details = {};
  flight.is_read = false;
  const std::string_view body = flight.exchange->request().body;
  if (body.empty()) {
    return Error(ErrorCode::InvalidArgument, "the body is empty: a JSON object is expected");
  }
  flight.largest_body = std::max(flight.largest_body, body.size());
  PROVENDER_ASSIGN(const json::Value document, flight.parser.parse(body));
  flight.is_read = true;
  PROVENDER_TRY(request.parse(document, static_cast<std::size_t>(context_.config.max_batch_rows)));
  flight.visit.service = request.features.service;
  flight.visit.rows = request.rows;
  auto prepared = online_->prepare(request.features);
  if (!prepared) {
    request.details.field = request.features.service.empty() ? "features" : "feature_service";
    return std::move(prepared).error();
  }
  flight.prepared = *std::move(prepared);
  return flight.keys.bind(request, *flight.prepared);
}

void FeatureHandler::get_online_features(std::unique_ptr<InFlight> request) {
  if (auto started = start(*request); !started) {
    return answer_error(std::move(request), std::move(started).error());
  }
  auto prepared = request->prepared;
  const std::span<const ValueView> keys = request->keys.views;
  online_->read(std::move(prepared),
                keys,
                [this, request = std::move(request)](
                    Result<std::reference_wrapper<const OnlineFeatures>> features) mutable {
                  if (features) return answer(std::move(request), features->get());
                  // A key that is too long is found late, and is nothing of the store's.
                  const ErrorCode code = features.error().code();
                  if (code != ErrorCode::InvalidArgument) metrics_.count_store_error(code);
                  answer_error(std::move(request), as_seen_by_readers(std::move(features).error()));
                });
}

void FeatureHandler::answer(std::unique_ptr<InFlight> request, const OnlineFeatures& features) {
  Watched& counted = watched(request->prepared, request->visit.service);
  const auto counts = write_values(*request, counted, features);
  if (!counts) return answer_error(std::move(request), counts.error());
  count_ages(counted, features);
  metrics_.count_values(counts->counts);
  metrics_.count_unreadable(features.unreadable());
  end(std::move(request), *counted.requests);
}

Result<wire::StatusCounts> FeatureHandler::write_values(InFlight& flight,
                                                        Watched& watched,
                                                        const OnlineFeatures& features) {
  http::Response& response = flight.exchange->response();
  const PreparedRead& prepared = *flight.prepared;
  if (!flight.visit.wants_arrow) {
    return writer_.write(response.body,
                         {.request = flight.request,
                          .prepared = prepared,
                          .names = watched.names,
                          .features = features});
  }
  if (!watched.arrow) {
    PROVENDER_ASSIGN(watched.arrow, wire::ArrowColumns::of(prepared));
  }
  response.content_type = wire::kArrowStream;
  return wire::write_arrow_reply(response.body,
                                 {.prepared = prepared,
                                  .columns = *watched.arrow,
                                  .keys = flight.keys.views,
                                  .features = features});
}

void FeatureHandler::answer_error(std::unique_ptr<InFlight> request, const Error& error) {
  http::Exchange& exchange = *request->exchange;
  if (request->is_read) {
    write_error(exchange.response(), error, request->request);
  } else {
    write_error(exchange.response(), error, exchange.request().body);
  }
  RequestSeries& series = request->prepared
                              ? *watched(request->prepared, request->visit.service).requests
                              : metrics_.route(Route::GetOnlineFeatures);
  end(std::move(request), series);
}

void FeatureHandler::end(std::unique_ptr<InFlight> request, RequestSeries& series) {
  http::Exchange exchange = *std::exchange(request->exchange, std::nullopt);
  finish(exchange, request->visit, series);
  request->prepared = nullptr;
  give_back(std::move(request));
}

FeatureHandler::Watched& FeatureHandler::watched(
    const std::shared_ptr<const PreparedRead>& prepared, std::string_view service) {
  if (const auto found = watched_.find(prepared.get()); found != watched_.end()) {
    return found->second;
  }
  // What was prepared before a change of the registry is not asked for again.
  if (watched_revision_ != prepared->revision() || watched_.size() >= kMaxWatched) {
    watched_.clear();
    watched_revision_ = prepared->revision();
  }
  Watched fresh{.prepared = prepared,
                .names = wire::ReplyNames(*prepared),
                .requests = service.empty() ? &metrics_.route(Route::GetOnlineFeatures)
                                            : &metrics_.service(service_of(service)),
                .views = {}};
  std::vector<std::size_t> rows;  // of which a feature is asked for; each has one age
  for (std::size_t i = 0; i < prepared->features().size(); ++i) {
    const PreparedRead::Feature& feature = prepared->features()[i];
    if (std::ranges::find(rows, feature.row) != rows.end()) continue;
    rows.push_back(feature.row);
    fresh.views.push_back({.feature = i, .ages = &metrics_.view(feature.view)});
  }
  return watched_.emplace(prepared.get(), std::move(fresh)).first->second;
}

/// Of the first entity: a batch costs no more than a single one.
void FeatureHandler::count_ages(const Watched& watched, const OnlineFeatures& features) {
  if (features.rows() == 0) return;
  for (const Watched::View& view : watched.views) {
    const Cell cell = features.cell(0, view.feature);
    const bool is_served = cell.status == Status::Present || cell.status == Status::NullValue;
    if (is_served && cell.event_timestamp) {
      view.ages->count(features.now() - *cell.event_timestamp);
    }
  }
}

}  // namespace provender::server

#pragma once

#include <memory>
#include <vector>

#include "provender/online_read.hpp"
#include "provender/server_config.hpp"

#include "http/handler.hpp"
#include "server/metrics.hpp"
#include "wire/read_request.hpp"

namespace provender::server {

/// Answers the requests of one event loop (docs/reference/http.md). Confined to its thread; what it
/// refers to outlives it.
class FeatureHandler final : public http::Handler {
 public:
  struct Context {
    OnlineReader& online;
    const ServerConfig& config;
    Metrics& metrics;
  };
  FeatureHandler(Context context, unsigned loop);
  ~FeatureHandler() override;
  FeatureHandler(const FeatureHandler&) = delete;
  FeatureHandler& operator=(const FeatureHandler&) = delete;

  void begin(EventLoop& loop) override;
  void handle(http::Exchange exchange) override;
  void tick() override;

 private:
  /// A request on its way, with the memory that it uses; kept for the next one.
  struct InFlight;

  /// False: the request was refused and answered.
  bool admit(http::Exchange& exchange);
  void get_online_features(http::Exchange exchange);
  void ready(http::Exchange exchange);
  void answer(std::unique_ptr<InFlight> request,
              const Result<std::reference_wrapper<const OnlineFeatures>>& features);
  Result<> start(InFlight& request);
  /// Answers with the error, as clients of that form of request read it.
  void fail(http::Exchange& exchange,
            const Error& error,
            wire::ReadRequest::Form form = wire::ReadRequest::Form::Single);
  void finish(http::Exchange& exchange, Route route, std::chrono::steady_clock::time_point started);

  Context context_;
  LoopMetrics& metrics_;
  bool keeps_registry_fresh_;
  std::vector<std::unique_ptr<InFlight>> idle_;
  std::unique_ptr<OnlineReader> online_;  ///< of this loop; goes first, with the reads under way
};

}  // namespace provender::server

#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "provender/online_read.hpp"
#include "provender/server_config.hpp"

#include "http/handler.hpp"
#include "server/access_log.hpp"
#include "server/gate.hpp"
#include "server/metrics.hpp"
#include "wire/read_reply.hpp"
#include "wire/read_request.hpp"

namespace provender::server {

/// Answers the requests of one event loop (docs/reference/http.md). Confined to its thread; what it
/// refers to outlives it.
class FeatureHandler final : public http::Handler {
 public:
  struct Context {
    OnlineReader& online;
    const ServerConfig& config;
    const Tokens& tokens;
    const std::string& openapi;
    Metrics& metrics;
    AccessLog* access_log;  ///< may be null
  };
  FeatureHandler(Context context, unsigned loop);
  ~FeatureHandler() override;
  FeatureHandler(const FeatureHandler&) = delete;
  FeatureHandler& operator=(const FeatureHandler&) = delete;

  void begin(EventLoop& loop) override;
  void handle(http::Exchange exchange) override;
  void refuse(const http::Refusal& refusal, http::Response& response) override;
  void tick() override;

 private:
  /// A request on its way, with the memory that it uses; kept for the next one.
  struct InFlight;
  /// What is counted for each read of a prepared request, found once.
  struct Watched;

  std::unique_ptr<InFlight> take();
  void get_online_features(std::unique_ptr<InFlight> request);
  Result<> start(InFlight& flight);
  void answer(std::unique_ptr<InFlight> request, const OnlineFeatures& features);
  Result<wire::StatusCounts> write_values(InFlight& flight,
                                          Watched& watched,
                                          const OnlineFeatures& features);
  void answer_error(std::unique_ptr<InFlight> request, const Error& error);
  void end(std::unique_ptr<InFlight> request, RequestSeries& series);
  void answer_at_once(std::unique_ptr<InFlight> request);
  void ready(std::unique_ptr<InFlight> request);
  void answer_ready(std::unique_ptr<InFlight> request, std::string_view problem);
  void give_back(std::unique_ptr<InFlight> request);
  void finish(http::Exchange& exchange, const Visit& visit, RequestSeries& series);

  Watched& watched(const std::shared_ptr<const PreparedRead>& prepared, std::string_view service);
  static void count_ages(const Watched& watched, const OnlineFeatures& features);

  Context context_;
  LoopMetrics& metrics_;
  Gate gate_;
  AccessLines access_;
  wire::ReplyWriter writer_;
  bool keeps_registry_fresh_;
  bool has_version_ = false;  ///< something applied has been seen
  std::vector<std::unique_ptr<InFlight>> idle_;
  std::unordered_map<const PreparedRead*, Watched> watched_;
  std::uint64_t watched_revision_ = 0;
  std::unique_ptr<OnlineReader> online_;  ///< of this loop; goes first, with the reads under way
};

}  // namespace provender::server

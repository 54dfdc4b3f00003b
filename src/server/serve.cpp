#include "server/serve.hpp"

#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "provender/feature_store.hpp"
#include "provender/server_config.hpp"

#include "base/try.hpp"
#include "http/server.hpp"
#include "server/access.hpp"
#include "server/feature_handler.hpp"
#include "server/openapi.hpp"

namespace provender::server {
namespace {

/// How long requests that have begun may take to end once the server is told to stop.
constexpr auto kDrain = std::chrono::seconds(10);

http::ServerOptions options_of(const ServerConfig& config) {
  http::ServerOptions options{.host = config.host,
                              .port = config.port,
                              .threads = static_cast<unsigned>(config.threads),
                              .limits = {}};
  options.limits.header_bytes = config.max_header_bytes;
  options.limits.body_bytes = config.max_body_bytes;
  options.limits.connections = static_cast<std::size_t>(config.max_connections);
  options.limits.header_time = config.header_timeout;
  options.limits.body_time = config.body_timeout;
  options.limits.idle_time = config.idle_timeout;
  options.limits.answer_time = config.answer_timeout;
  options.limits.write_time = config.write_timeout;
  options.limits.linger_time = config.linger_timeout;
  options.limits.buffered_bytes = config.max_buffered_bytes;
  if (!config.certificate.empty()) {
    options.tls = http::TlsFiles{.certificate = config.certificate, .key = config.key};
  }
  return options;
}

void wait(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait(lock, stop, [] { return false; });
}

}  // namespace

Result<> serve(const std::filesystem::path& project,
               const ServeOptions& options,
               Logger& logger,
               const std::stop_token& stop) {
  PROVENDER_ASSIGN(ServerConfig config, load_server_config(project));
  if (options.host) config.host = *options.host;
  if (options.port) config.port = static_cast<std::uint16_t>(*options.port);
  if (options.threads) config.threads = *options.threads;
  PROVENDER_TRY(check_bind(config));

  PROVENDER_ASSIGN(const auto store,
                   FeatureStore::open({.project = project, .logger = &logger, .read_only = true}));
  PROVENDER_ASSIGN(OnlineReader * online, store->online());
  PROVENDER_ASSIGN(const std::uint64_t version, online->refresh());
  Metrics metrics(static_cast<std::size_t>(config.threads));
  metrics.set_registry_version(version);
  std::unique_ptr<AccessLog> access_log;
  if (!config.access_log.empty()) {
    PROVENDER_ASSIGN(access_log, AccessLog::open(config.access_log, logger));
  }
  const Tokens tokens(config);
  const std::string description = openapi(config);
  const FeatureHandler::Context context{.online = *online,
                                        .config = config,
                                        .tokens = tokens,
                                        .openapi = description,
                                        .metrics = metrics,
                                        .access_log = access_log.get()};
  PROVENDER_ASSIGN(
      const auto server,
      http::Server::open(
          options_of(config),
          [&](unsigned loop) { return std::make_unique<FeatureHandler>(context, loop); },
          logger));
  logger.log(LogLevel::Info,
             fmt::format("serving {} on {}://{}:{} (applied version {})",
                         project.string(),
                         config.certificate.empty() ? "http" : "https",
                         config.host,
                         server->port(),
                         version));
  if (!config.tokens.empty() && config.certificate.empty() && !is_loopback(config.host)) {
    logger.log(LogLevel::Warning,
               "tokens and features cross the network in the clear: set server.tls, or put a proxy "
               "that speaks TLS in front");
  }
  metrics.set_store_activity([online] { return online->activity(); });
  metrics.set_connections([&server = *server] { return server.connections(); });
  wait(stop);
  logger.log(LogLevel::Info, "stopping: answering what has been asked");
  if (!server->drain(kDrain)) logger.log(LogLevel::Warning, "some requests were cut off");
  return {};
}

}  // namespace provender::server

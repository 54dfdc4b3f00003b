#pragma once

#include <optional>
#include <string>

#include "provender/server_config.hpp"

#include "http/handler.hpp"
#include "server/request_ids.hpp"
#include "server/tokens.hpp"
#include "server/visit.hpp"

namespace provender::server {

/// Decides before a body is looked at who may ask for what: hosts, web pages, methods, tokens.
/// Confined to its event loop; `config` and `tokens` outlive it.
class Gate {
 public:
  Gate(const ServerConfig& config, const Tokens& tokens) : config_(config), tokens_(tokens) {}

  /// False: the response holds the answer already. Fills in what is known of the visit.
  bool admit(http::Exchange& exchange, Visit& visit);

  /// Gives the answer to what the transport refused a name; returns it.
  const std::string& name_refused(http::Response& response);

 private:
  struct Headers;
  static Headers read_headers(const http::Request& request);

  bool admit_host(std::optional<std::string_view> host, http::Response& response);
  bool admit_origin(std::optional<std::string_view> origin, http::Response& response);
  static bool admit_method(const RouteEntry* entry,
                           const http::Request& request,
                           http::Response& response);
  bool admit_caller(const RouteEntry& entry,
                    std::optional<std::string_view> authorization,
                    http::Exchange& exchange,
                    Visit& visit);

  const ServerConfig& config_;
  const Tokens& tokens_;
  RequestIds ids_;
  std::string good_host_;  ///< the last one that was let in
  std::string refused_id_;
};

}  // namespace provender::server

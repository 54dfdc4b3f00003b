#include "server/openapi.hpp"

#include <fmt/format.h>

#include "server/openapi_text.hpp"

namespace provender::server {
namespace {

void replace(std::string& text, std::string_view what, std::string_view with) {
  if (const std::size_t at = text.find(what); at != std::string::npos) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

std::string openapi(const ServerConfig& config) {
  std::string text(openapi_text());
  replace(text, R"("maxItems": 10000)", fmt::format("\"maxItems\": {}", config.max_batch_rows));
  if (!config.tokens.empty()) {
    replace(text, "\n  \"paths\":", "\n  \"security\": [{\"token\": []}],\n  \"paths\":");
  }
  return text;
}

}  // namespace provender::server

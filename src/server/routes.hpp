#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace provender::server {

enum class Route : std::uint8_t { GetOnlineFeatures, Health, Ready, Metrics, OpenApi, Other };
inline constexpr std::size_t kRoutes = 6;

/// What a caller must be allowed to do where tokens are in use.
enum class Scope : std::uint8_t { None, Read, Write, Admin };

/// What is served: each path with its one method (HEAD goes with GET).
struct RouteEntry {
  std::string_view path;
  Route route;
  bool is_get;
  Scope scope;
};
inline constexpr std::array<RouteEntry, kRoutes - 1> kRouteTable{
    {{"/get-online-features", Route::GetOnlineFeatures, false, Scope::Read},
     {"/health", Route::Health, true, Scope::None},
     {"/ready", Route::Ready, true, Scope::None},
     {"/metrics", Route::Metrics, true, Scope::Read},
     {"/openapi.json", Route::OpenApi, true, Scope::Read}}};

/// nullptr: there is nothing at `path`.
constexpr const RouteEntry* find_route(std::string_view path) {
  for (const RouteEntry& entry : kRouteTable) {
    if (entry.path == path) return &entry;
  }
  return nullptr;
}

/// The path as metrics name it.
constexpr std::string_view name_of(Route route) {
  for (const RouteEntry& entry : kRouteTable) {
    if (entry.route == route) return entry.path;
  }
  return "other";
}

}  // namespace provender::server

#include "registry/resolve.hpp"

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::registry {
namespace {

Result<FeatureService> pinned_service(Registry& registry,
                                      const std::string& name,
                                      std::string_view version) {
  auto number = parse_value(version, {Kind::Int64});
  if (!number || std::get<std::int64_t>(number->storage) < 1) {
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("feature service {}@{}: behind @ stands the number of an applied version",
                    name,
                    version));
  }
  const auto n = static_cast<std::uint64_t>(std::get<std::int64_t>(number->storage));
  PROVENDER_ASSIGN(const Definitions then, registry.definitions_at(n));
  if (const FeatureService* service = then.feature_service(name)) return *service;
  return Error(ErrorCode::NotFound,
               fmt::format("applied version {} has no feature service {}", n, name));
}

}  // namespace

Result<Selection> resolve(Registry& registry,
                          const Snapshot& snapshot,
                          const FeatureRequest& request) {
  if (snapshot.version == 0) {
    return Error(ErrorCode::FailedPrecondition,
                 "nothing is applied yet in this project: run `provender apply` first");
  }
  const auto at = request.service.find('@');
  if (at == std::string::npos) {
    return select(snapshot.definitions,
                  {.features = request.features,
                   .service = request.service,
                   .full_names = request.full_names});
  }
  const std::string name = request.service.substr(0, at);
  PROVENDER_ASSIGN(
      auto service,
      pinned_service(registry, name, std::string_view(request.service).substr(at + 1)));
  Definitions pinned = snapshot.definitions;
  std::erase_if(pinned.feature_services,
                [&](const FeatureService& other) { return other.name == name; });
  pinned.feature_services.push_back(std::move(service));
  auto selection = select(
      pinned, {.features = request.features, .service = name, .full_names = request.full_names});
  if (!selection) {
    return std::move(selection).error().within(fmt::format("feature service {}", request.service));
  }
  return selection;
}

}  // namespace provender::registry

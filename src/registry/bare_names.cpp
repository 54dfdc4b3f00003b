#include "registry/bare_names.hpp"

namespace provender::registry {

std::map<std::string, std::string> bare_names(const Definitions& definitions) {
  std::map<std::string, std::string> meanings;
  for (const auto& view : definitions.feature_views) {
    for (const auto& feature : view.features) {
      const auto [entry, is_new] = meanings.emplace(feature.name, view.name);
      if (!is_new) entry->second.clear();
    }
  }
  for (const auto& view : definitions.feature_views) {
    for (const auto& feature : view.features) {
      if (feature.name == view.name) meanings[feature.name] = view.name;
    }
  }
  return meanings;
}

}  // namespace provender::registry

#include "model/definitions.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace provender {
namespace {

template <class T>
const T* find_by_name(const std::vector<T>& objects, std::string_view name) {
  const auto found = std::ranges::find(objects, name, &T::name);
  return found == objects.end() ? nullptr : &*found;
}

}  // namespace

const Entity* Definitions::entity(std::string_view name) const {
  return find_by_name(entities, name);
}
const SqlView* Definitions::sql_view(std::string_view name) const {
  const std::string wanted = to_lower(name);
  const auto found =
      std::ranges::find(sql_views, wanted, [](const SqlView& view) { return to_lower(view.name); });
  return found == sql_views.end() ? nullptr : &*found;
}
const FeatureView* Definitions::feature_view(std::string_view name) const {
  return find_by_name(feature_views, name);
}
const FeatureService* Definitions::feature_service(std::string_view name) const {
  return find_by_name(feature_services, name);
}

std::vector<JoinKey> join_keys(const Definitions& definitions, const FeatureView& view) {
  std::vector<JoinKey> keys;
  for (const std::string& name : view.entities) {
    const Entity* const entity = definitions.entity(name);
    if (entity != nullptr) keys.insert(keys.end(), entity->keys.begin(), entity->keys.end());
  }
  std::ranges::stable_sort(keys, {}, &JoinKey::name);
  const auto repeated = std::ranges::unique(keys, {}, &JoinKey::name);
  keys.erase(repeated.begin(), repeated.end());
  return keys;
}

}  // namespace provender

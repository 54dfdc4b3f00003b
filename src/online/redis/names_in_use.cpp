#include "online/redis/names_in_use.hpp"

#include <algorithm>

#include "base/try.hpp"

namespace provender::online::redis {

NamesInUse::NamesInUse(LoadRowNames load, std::shared_ptr<const RowNames> known)
    : load_(std::move(load)) {
  if (!known) return;
  known_.store(std::make_shared<const Known>(Known{.loaded = known, .names = std::move(known)}));
}

std::shared_ptr<const RowNames> NamesInUse::known() const {
  const auto known = known_.load();
  return known ? known->names : nullptr;
}

Result<std::shared_ptr<const RowNames>> NamesInUse::load_anew() const {
  PROVENDER_ASSIGN(const auto loaded, load_());
  const auto before = known_.load();
  auto names = std::make_shared<RowNames>(*loaded);
  if (before) names->views.insert(before->loaded->views.begin(), before->loaded->views.end());
  known_.store(std::make_shared<const Known>(Known{.loaded = loaded, .names = names}));
  return names;
}

Result<std::shared_ptr<const RowNames>> NamesInUse::with(
    std::uint32_t entity_set, std::span<const std::uint32_t> store_ids) const {
  auto names = known();
  const auto has_all = [&] {
    return names && names->entity_sets.contains(entity_set) &&
           std::ranges::all_of(store_ids,
                               [&](std::uint32_t id) { return names->views.contains(id); });
  };
  if (has_all()) return names;
  PROVENDER_ASSIGN(names, load_anew());
  if (has_all()) return names;
  return Error(
      ErrorCode::FailedPrecondition,
      "redis: the registry does not know a view that is read or written: it changed meanwhile");
}

}  // namespace provender::online::redis

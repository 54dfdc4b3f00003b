#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "serving/prepared.hpp"

namespace provender::serving {

/// A loaded snapshot, with what was prepared against it and what is known not to be in the registry
/// at that revision. Safe for concurrent use.
class State {
 public:
  using Outcome = Result<std::shared_ptr<const Prepared>>;

  explicit State(std::shared_ptr<const registry::Snapshot> snapshot)
      : loaded_(std::make_shared<const LoadedSnapshot>(std::move(snapshot))) {}

  const std::shared_ptr<const LoadedSnapshot>& loaded() const { return loaded_; }

  std::optional<Outcome> find(const FeatureRequest& request) const;
  /// Keeps the outcome, but for a failure that may pass; what is kept already stays.
  Outcome keep(const FeatureRequest& request, Outcome outcome);

  /// Whether each of these schemas was looked for in the registry, and not found.
  bool are_missing(std::span<const std::uint32_t> schema_ids) const;
  void add_missing(std::span<const std::uint32_t> schema_ids);

 private:
  struct Hash {
    std::size_t operator()(const FeatureRequest& request) const;
  };
  struct Equal {
    bool operator()(const FeatureRequest& a, const FeatureRequest& b) const;
  };
  using Kept = std::unordered_map<FeatureRequest, Outcome, Hash, Equal>;

  std::shared_ptr<const LoadedSnapshot> loaded_;
  mutable std::mutex mutex_;  ///< guards the rest
  Kept prepared_;
  Kept failed_;
  std::vector<std::uint32_t> missing_;
};

}  // namespace provender::serving

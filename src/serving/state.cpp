#include "serving/state.hpp"

#include <algorithm>

namespace provender::serving {
namespace {

constexpr std::size_t kMaxKept = 1024;

/// Whether asking again at the same revision gives the same failure.
bool is_lasting(const Error& error) {
  return error.code() == ErrorCode::InvalidArgument || error.code() == ErrorCode::NotFound;
}

}  // namespace

std::size_t State::Hash::operator()(const FeatureRequest& request) const {
  constexpr std::size_t kPrime = 1'099'511'628'211U;
  const std::hash<std::string_view> hash;
  std::size_t sum = hash(request.service) + (request.full_names ? 1 : 0);
  for (const std::string& feature : request.features) {
    sum = sum * kPrime + hash(feature);
  }
  return sum;
}

bool State::Equal::operator()(const FeatureRequest& a, const FeatureRequest& b) const {
  return a.full_names == b.full_names && a.service == b.service && a.features == b.features;
}

std::optional<State::Outcome> State::find(const FeatureRequest& request) const {
  const std::scoped_lock lock(mutex_);
  if (auto found = prepared_.find(request); found != prepared_.end()) return found->second;
  if (auto found = failed_.find(request); found != failed_.end()) return found->second;
  return std::nullopt;
}

State::Outcome State::keep(const FeatureRequest& request, Outcome outcome) {
  if (!outcome && !is_lasting(outcome.error())) return outcome;
  const std::scoped_lock lock(mutex_);
  Kept& kept = outcome ? prepared_ : failed_;
  if (kept.size() >= kMaxKept) kept.clear();
  return kept.emplace(request, std::move(outcome)).first->second;
}

bool State::are_missing(std::span<const std::uint32_t> schema_ids) const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::all_of(schema_ids, [&](std::uint32_t id) {
    return std::ranges::find(missing_, id) != missing_.end();
  });
}

void State::add_missing(std::span<const std::uint32_t> schema_ids) {
  const std::scoped_lock lock(mutex_);
  if (missing_.size() >= kMaxKept) missing_.clear();
  missing_.insert(missing_.end(), schema_ids.begin(), schema_ids.end());
}

}  // namespace provender::serving

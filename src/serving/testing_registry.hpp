#pragma once

#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "registry/registry.hpp"

namespace provender::serving {

/// A registry of tests of what only reads: the rest is there to be told that it is not used.
class TestingRegistry : public registry::Registry {
 public:
  Result<Definitions> definitions_at(std::uint64_t /*version*/) override { return unused(); }
  Result<std::vector<Version>> history() override { return unused(); }
  Result<std::shared_ptr<const registry::Snapshot>> apply(
      registry::ApplyRequest /*request*/) override {
    return unused();
  }
  Result<std::shared_ptr<const registry::Snapshot>> rebuild(const std::string& /*view*/) override {
    return unused();
  }
  Result<> swept(std::span<const std::uint32_t> /*store_ids*/) override { return unused(); }
  registry::RunLog& runs() override { std::terminate(); }

 private:
  static Error unused() { return {ErrorCode::Unimplemented, "not used here"}; }
};

}  // namespace provender::serving

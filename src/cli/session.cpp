#include "cli/session.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/text.hpp"

namespace provender::cli {

Result<std::filesystem::path> Session::project() const {
  return services().find_project(".");
}

Result<std::unique_ptr<FeatureStore>> Session::open_store() const {
  PROVENDER_ASSIGN(const std::filesystem::path folder, project());
  return services().open_store({.project = folder, .logger = &logger()});
}

Result<std::unique_ptr<FeatureStore>> Session::open_to_read() const {
  PROVENDER_ASSIGN(const std::filesystem::path folder, project());
  return services().open_store({.project = folder, .logger = &logger(), .read_only = true});
}

void Session::note(std::string_view text) const {
  const bool colour = console().err_terminal().colour;
  console().err(fmt::format("{} {}\n", paint("note:", Style::Yellow, colour), text));
}

}  // namespace provender::cli

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

#include "provender/feature_store.hpp"
#include "provender/log.hpp"

#include "base/clock.hpp"
#include "base/json/writer.hpp"
#include "cli/console.hpp"
#include "cli/progress_line.hpp"
#include "server/serve.hpp"
#include "server/token.hpp"

namespace provender::cli {

enum class OutputFormat : std::uint8_t { Table, Json };

/// What the command line calls: the public interface, and in tests something smaller.
struct Services {
  std::function<Result<>(const std::filesystem::path& folder)> init_project;
  std::function<Result<std::filesystem::path>(const std::filesystem::path& start)> find_project;
  std::function<Result<std::unique_ptr<FeatureStore>>(const OpenOptions& options)> open_store;
  std::function<Result<>(const std::filesystem::path& project,
                         const server::ServeOptions& options,
                         Logger& logger,
                         std::stop_token stop)>
      serve;
  std::function<Result<server::NewToken>()> make_token;
};

/// What one command works with. Confined to one thread.
class Session {
 public:
  /// All outlive the session.
  struct Parts {
    const Services& services;
    Console& console;
    const Clock& clock;
    Logger& logger;
    std::stop_token stop;
    OutputFormat output = OutputFormat::Table;
  };
  explicit Session(Parts parts) : parts_(std::move(parts)) {}

  const Services& services() const { return parts_.services; }
  Console& console() const { return parts_.console; }
  const Clock& clock() const { return parts_.clock; }
  Logger& logger() const { return parts_.logger; }
  const std::stop_token& stop() const { return parts_.stop; }
  bool json() const { return parts_.output == OutputFormat::Json; }

  /// The project of the folder that we stand in.
  Result<std::filesystem::path> project() const;
  Result<std::unique_ptr<FeatureStore>> open_store() const;
  /// The same, for a command that changes nothing of the project.
  Result<std::unique_ptr<FeatureStore>> open_to_read() const;

  /// A line for people: "note: …".
  void note(std::string_view text) const;

  /// Calls `work(const Control&)` with our stop request, and with progress: on a line if somebody
  /// sees it, else in the log.
  template <class Work>
  auto with_progress(Work&& work) const {
    std::optional<ProgressLine> line;
    ProgressLog log(logger());
    Progress* progress = &log;
    if (console().err_terminal().is_terminal) progress = &line.emplace(console());
    return work(Control{.stop = stop(), .progress = progress});
  }

  /// Writes the JSON object whose members `write(json::Writer&)` adds, on one line.
  template <class Write>
  void out_json(Write&& write) const {
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    write(writer);
    writer.end_object();
    text += '\n';
    console().out(text);
  }

 private:
  Parts parts_;
};

}  // namespace provender::cli

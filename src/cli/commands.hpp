#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "provender/historical.hpp"
#include "provender/materialize.hpp"

#include "cli/session.hpp"
#include "server/serve.hpp"

/// What can be asked of the command line: a struct per command, filled by parse_arguments, and a
/// function of the same meaning that does it. docs/reference/cli.md describes each.
namespace provender::cli {

struct InitCommand {
  std::filesystem::path folder = ".";
};
struct PlanCommand {};
struct ApplyCommand {
  bool yes = false;  ///< do not ask
};
struct HistoryCommand {};
struct FeaturesCommand {};
struct DescribeCommand {
  std::string name;
};
struct HistoricalCommand {
  HistoricalOptions options;
  std::optional<Timestamp> start;  ///< of the range; with end
  std::optional<Timestamp> end;
};
struct MaterializeCommand {
  MaterializeOptions options;
};
struct GetCommand {
  std::vector<std::string> keys;  ///< KEY=VALUE
  FeatureRequest request;
  std::optional<Timestamp> as_of;
};
struct StatusCommand {};
struct ServeCommand {
  server::ServeOptions options;
};
struct RunCommand {
  bool once = false;
};
struct DoctorCommand {};
struct TokenCommand {
  std::string name;
};
struct VersionCommand {};

using Command = std::variant<InitCommand,
                             PlanCommand,
                             ApplyCommand,
                             HistoryCommand,
                             FeaturesCommand,
                             DescribeCommand,
                             HistoricalCommand,
                             MaterializeCommand,
                             GetCommand,
                             StatusCommand,
                             ServeCommand,
                             RunCommand,
                             DoctorCommand,
                             TokenCommand,
                             VersionCommand>;

/// Each returns kExitOk or kExitNo, or the error that stopped it.
Result<int> execute(const InitCommand& command, Session& session);
Result<int> execute(const PlanCommand& command, Session& session);
Result<int> execute(const ApplyCommand& command, Session& session);
Result<int> execute(const HistoryCommand& command, Session& session);
Result<int> execute(const FeaturesCommand& command, Session& session);
Result<int> execute(const DescribeCommand& command, Session& session);
Result<int> execute(const HistoricalCommand& command, Session& session);
Result<int> execute(const MaterializeCommand& command, Session& session);
Result<int> execute(const GetCommand& command, Session& session);
Result<int> execute(const StatusCommand& command, Session& session);
Result<int> execute(const ServeCommand& command, Session& session);
Result<int> execute(const RunCommand& command, Session& session);
Result<int> execute(const DoctorCommand& command, Session& session);
Result<int> execute(const TokenCommand& command, Session& session);
Result<int> execute(const VersionCommand& command, Session& session);

}  // namespace provender::cli

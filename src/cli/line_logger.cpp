#include "cli/line_logger.hpp"

#include <fmt/format.h>

#include "cli/text.hpp"

namespace provender::cli {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warning";
    case LogLevel::Error:
      return "error";
  }
  return "error";
}

Style style_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return Style::Dim;
    case LogLevel::Info:
      return Style::Plain;
    case LogLevel::Warning:
      return Style::Yellow;
    case LogLevel::Error:
      return Style::Red;
  }
  return Style::Red;
}

}  // namespace

void LineLogger::log(LogLevel level, std::string_view message) {
  if (level < least_) return;
  const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
  console_.err(fmt::format("{} {} {}\n",
                           format_timestamp(now),
                           paint(name_of(level), style_of(level), console_.err_terminal().colour),
                           printable(message)));
}

}  // namespace provender::cli

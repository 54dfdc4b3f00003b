#include "cli/freshness.hpp"

#include <algorithm>

namespace provender::cli {

TableCell freshness_cell(ViewStatus::Freshness freshness) {
  using enum ViewStatus::Freshness;
  const std::string name(to_string(freshness));
  switch (freshness) {
    case Never:
      return {name, Style::Yellow};
    case Fresh:
      return {name, Style::Green};
    case Late:
      return {name, Style::Red};
    case Manual:
      return name;
  }
  return name;
}

const ViewStatus* status_of(std::string_view view, std::span<const ViewStatus> status) {
  const auto found = std::ranges::find(status, view, &ViewStatus::view);
  return found == status.end() ? nullptr : &*found;
}

std::string time_text(const std::optional<Timestamp>& time) {
  if (!time) return "-";
  return format_timestamp(std::chrono::floor<std::chrono::seconds>(*time));
}

}  // namespace provender::cli

#include "server/accept.hpp"

#include <algorithm>

#include "http/message.hpp"
#include "wire/read_reply_arrow.hpp"

namespace provender::server {
namespace {

/// Takes what stands before the next `separator`, or all, off `rest`; without white space around.
std::string_view take(std::string_view& rest, char separator) noexcept {
  constexpr std::string_view kSpace = " \t";
  const std::size_t end = std::min(rest.find(separator), rest.size());
  std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  part.remove_prefix(std::min(part.find_first_not_of(kSpace), part.size()));
  return part.substr(0, part.find_last_not_of(kSpace) + 1);
}

/// "q=0", with or without zeros behind a point.
bool is_refusal(std::string_view parameter) noexcept {
  const std::string_view name = take(parameter, '=');
  return http::same_name(name, "q") && parameter.starts_with('0') &&
         parameter.find_first_not_of("0.") == std::string_view::npos;
}

}  // namespace

bool lists_arrow(std::string_view accept) noexcept {
  while (!accept.empty()) {
    std::string_view range = take(accept, ',');
    if (!http::same_name(take(range, ';'), wire::kArrowStream)) continue;
    bool is_refused = false;
    while (!range.empty()) {
      is_refused = is_refusal(take(range, ';')) || is_refused;
    }
    if (!is_refused) return true;
  }
  return false;
}

}  // namespace provender::server

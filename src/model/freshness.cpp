#include "provender/materialize.hpp"

namespace provender {

std::string_view to_string(ViewStatus::Freshness freshness) noexcept {
  switch (freshness) {
    case ViewStatus::Freshness::Never:
      return "never";
    case ViewStatus::Freshness::Fresh:
      return "fresh";
    case ViewStatus::Freshness::Late:
      return "late";
    case ViewStatus::Freshness::Manual:
      return "manual";
  }
  return "unknown";
}

}  // namespace provender

#include "server/request_ids.hpp"

#include <algorithm>
#include <random>

#include <fmt/format.h>

namespace provender::server {
namespace {

constexpr std::size_t kMaxSize = 64;

bool is_fit(std::string_view id) {
  return !id.empty() && id.size() <= kMaxSize &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

RequestIds::RequestIds() {
  std::random_device random;
  prefix_ = fmt::format("{:08x}{:04x}-", random(), random() & 0xffffU);
}

void RequestIds::choose(std::optional<std::string_view> given, std::string& id) {
  if (given && is_fit(*given)) {
    id = *given;
    return;
  }
  id = prefix_;
  id += fmt::format_int(++count_).c_str();
}

}  // namespace provender::server

#include "definitions/settings.hpp"

#include <algorithm>
#include <utility>

namespace provender::definitions {

namespace fs = std::filesystem;

fs::path resolve(const fs::path& folder, const std::string& path) {
  return (folder / path).lexically_normal();
}

void SettingsReader::read(std::string_view key, bool& into) {
  if (auto field = map_.find(key)) into = reader_.boolean(*field).value_or(into);
}

void SettingsReader::read(std::string_view key, std::string& into) {
  if (auto field = map_.find(key)) into = reader_.text(*field).value_or(into);
}

void SettingsReader::read(std::string_view key, std::vector<std::string>& into) {
  if (auto field = map_.find(key)) into = reader_.texts(*field).value_or(into);
}

void SettingsReader::read(std::string_view key, std::chrono::milliseconds& into) {
  auto field = map_.find(key);
  if (!field) return;
  if (const auto time = reader_.duration(*field)) {
    into = std::chrono::ceil<std::chrono::milliseconds>(*time);
  }
}

void SettingsReader::read(std::string_view key, fs::path& into) {
  auto field = map_.find(key);
  if (!field) return;
  if (const auto text = reader_.text(*field)) into = resolve(folder_, *text);
}

void SettingsReader::read_integer(std::string_view key, Range range, int& into) {
  if (auto field = map_.find(key)) {
    into = reader_.integer(*field, range.min, range.max).value_or(into);
  }
}

void SettingsReader::read_size(std::string_view key, std::uint64_t& into) {
  if (auto field = map_.find(key)) into = reader_.size(*field).value_or(into);
}

std::size_t SettingsReader::read_choice(std::string_view key,
                                        std::span<const std::string> choices,
                                        std::size_t otherwise) {
  auto field = map_.find(key);
  const auto choice = field ? reader_.choice(*field, choices) : std::nullopt;
  if (!choice) return otherwise;
  return static_cast<std::size_t>(std::ranges::find(choices, *choice) - choices.begin());
}

void SettingsReader::read(std::string_view key, std::vector<DefinitionsPath>& into) {
  auto field = map_.find(key);
  const auto texts = field ? reader_.texts(*field) : std::nullopt;
  if (!texts) return;
  into.clear();
  for (std::size_t i = 0; i < texts->size(); ++i) {
    into.push_back({resolve(folder_, (*texts)[i]), field->node->items[i].line});
  }
}

}  // namespace provender::definitions

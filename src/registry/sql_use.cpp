#include "registry/sql_use.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace provender::registry {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

/// Identifiers in SQL ignore case.
std::set<std::string> words(std::string_view sql) {
  std::set<std::string> found;
  while (!sql.empty()) {
    const auto begin = std::ranges::find_if(sql, is_word);
    const auto end = std::find_if_not(begin, sql.end(), is_word);
    if (begin != end) found.insert(lower({begin, end}));
    sql = {end, sql.end()};
  }
  return found;
}

}  // namespace

std::map<std::string, std::string> sql_used(const Definitions& definitions, const Source& source) {
  std::map<std::string, std::string> used;
  if (source.kind != Source::Kind::Sql && source.kind != Source::Kind::View) return used;
  std::vector<std::string> to_read{source.text};
  while (!to_read.empty()) {
    const auto mentioned = words(to_read.back());
    to_read.pop_back();
    for (const auto& view : definitions.sql_views) {
      if (!mentioned.contains(lower(view.name))) continue;
      if (used.emplace(view.name, view.sql).second) to_read.push_back(view.sql);
    }
  }
  return used;
}

}  // namespace provender::registry

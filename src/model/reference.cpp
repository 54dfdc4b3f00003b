#include "model/reference.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/try.hpp"
#include "model/names.hpp"

namespace provender {
namespace {

constexpr std::string_view kBlanks = " \t\n";
constexpr std::string_view kAs = " as ";
constexpr std::string_view kExpected =
    "expected view:feature as ALIAS (KEY = COLUMN, …), where one of alias and keys may be left out";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Error wrong(std::string_view text, std::string_view what) {
  return {ErrorCode::InvalidArgument,
          fmt::format("'{}' is no reference to a feature: {}", text, what)};
}

/// "user_id = seller_id, …", what stands between the parentheses.
Result<std::map<std::string, std::string>> parse_keys(std::string_view text,
                                                      std::string_view inside) {
  std::map<std::string, std::string> out;
  for (const std::string& pair : split_references(inside)) {
    const std::size_t equals = pair.find('=');
    const std::string key(trimmed(std::string_view(pair).substr(0, equals)));
    const std::string_view column = equals == std::string::npos
                                        ? std::string_view()
                                        : trimmed(std::string_view(pair).substr(equals + 1));
    if (key.empty() || column.empty()) {
      return wrong(text, fmt::format("found '{}' in its parentheses, expected KEY = COLUMN", pair));
    }
    if (!out.emplace(key, column).second) {
      return wrong(text, fmt::format("its key '{}' is given two columns", key));
    }
  }
  return out;
}

}  // namespace

Result<ServiceItem> parse_reference(std::string_view text) {
  ServiceItem out;
  std::string_view rest = trimmed(text);
  if (const std::size_t open = rest.find('('); open != std::string_view::npos) {
    if (rest.back() != ')') return wrong(text, kExpected);
    PROVENDER_ASSIGN(out.keys, parse_keys(text, rest.substr(open + 1, rest.size() - open - 2)));
    rest = rest.substr(0, open);
  }
  if (const std::size_t as = rest.find(kAs); as != std::string_view::npos) {
    out.alias = trimmed(rest.substr(as + kAs.size()));
    rest = rest.substr(0, as);
    if (const auto problem = problem_with_name(out.alias)) {
      return wrong(text, fmt::format("its alias '{}' {}", out.alias, *problem));
    }
  }
  rest = trimmed(rest);
  if (rest.empty() && (!out.alias.empty() || !out.keys.empty())) return wrong(text, kExpected);
  out.features.emplace_back(rest);
  return out;
}

std::vector<std::string> split_references(std::string_view text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') inside = true;
    if (i < text.size() && text[i] == ')') inside = false;
    if (i < text.size() && (text[i] != ',' || inside)) continue;
    out.emplace_back(trimmed(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return out;
}

std::string role_text(std::string_view alias, const std::map<std::string, std::string>& keys) {
  std::string out = alias.empty() ? std::string() : fmt::format(" as {}", alias);
  std::string_view separator = " (";
  for (const auto& [key, column] : keys) {
    out += fmt::format("{}{} = {}", std::exchange(separator, ", "), key, column);
  }
  return keys.empty() ? out : out + ")";
}

}  // namespace provender

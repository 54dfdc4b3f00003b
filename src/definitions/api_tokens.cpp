#include "definitions/api_tokens.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "definitions/settings.hpp"

namespace provender::definitions {
namespace {

constexpr std::string_view kPrefix = "sha256:";
constexpr std::size_t kDigits = 64;
constexpr std::size_t kMaxHashFile = 4096;
constexpr std::string_view kHashExpected =
    "'sha256:…' as `provender token` prints it, {env: NAME} or {file: PATH}";

/// `{env: NAME}` or `{file: PATH}`.
void read_reference(const yaml::Reader& reader,
                    const yaml::Field& field,
                    const std::filesystem::path& folder,
                    ApiTokenSetting& into) {
  yaml::MapReader map(reader, field, kHashExpected);
  const auto env = map.find("env");
  const auto file = map.find("file");
  if (!map.finish() || !map.is_map()) return;
  if (env.has_value() == file.has_value()) {
    reader.problem(*field.node, fmt::format("{}: expected {}", field.path, kHashExpected));
  } else if (env) {
    into.from = ApiTokenSetting::From::Environment;
    into.hash = reader.text(*env, "the name of an environment variable").value_or("");
  } else {
    into.from = ApiTokenSetting::From::File;
    into.hash = resolve(folder, reader.text(*file, "a path").value_or("")).string();
  }
}

void read_scopes(const yaml::Reader& reader, const yaml::Field& field, ApiToken& into) {
  const std::array<std::string, 3> known{"read", "write", "admin"};
  if (!field.node->is(yaml::Node::Kind::List) || field.node->items.empty()) {
    reader.mismatch(field, "a list of read, write and admin");
    return;
  }
  into.may_read = false;
  for (std::size_t i = 0; i < field.node->items.size(); ++i) {
    const auto scope = reader.choice(
        {.node = &field.node->items[i], .path = fmt::format("{}[{}]", field.path, i)}, known);
    if (!scope) continue;
    into.may_admin = into.may_admin || *scope == "admin";
    into.may_write = into.may_write || *scope != "read";
    into.may_read = into.may_read || *scope != "write";
  }
}

ApiTokenSetting read_token(const yaml::Reader& reader,
                           const yaml::Field& field,
                           const std::filesystem::path& folder) {
  ApiTokenSetting setting;
  setting.where = reader.where(*field.node);
  setting.token.may_read = true;
  if (!field.node->is(yaml::Node::Kind::Map)) {
    // Not shown: it may be a token.
    reader.problem(*field.node,
                   fmt::format("{}: expected a map, {{name: web, hash: {{env: WEB_TOKEN_HASH}}}}",
                               field.path));
    return setting;
  }
  yaml::MapReader map(reader, field);
  if (auto name = map.require("name", "what the access log calls the token")) {
    setting.token.name = reader.text(*name).value_or("");
  }
  if (auto hash = map.require("hash", kHashExpected)) {
    if (hash->node->is(yaml::Node::Kind::Map)) {
      read_reference(reader, *hash, folder, setting);
    } else if (hash->node->is(yaml::Node::Kind::Scalar)) {
      setting.hash = hash->node->text;
    } else {
      reader.mismatch(*hash, kHashExpected);
    }
  }
  if (auto scopes = map.find("scopes")) read_scopes(reader, *scopes, setting.token);
  if (auto projects = map.find("projects")) {
    setting.token.projects = reader.texts(*projects).value_or(std::vector<std::string>{});
  }
  map.finish();
  return setting;
}

Error wrong(const ApiTokenSetting& setting, std::string_view what) {
  return {ErrorCode::InvalidArgument,
          fmt::format("{}:{}: the hash of the token '{}': {}",
                      setting.where.file,
                      setting.where.line,
                      setting.token.name,
                      what)};
}

Result<std::string> find_text(const ApiTokenSetting& setting) {
  using enum ApiTokenSetting::From;
  if (setting.from == Text) return setting.hash;
  if (setting.from == File) {
    auto text = read_file(setting.hash, kMaxHashFile);
    if (!text) return wrong(setting, text.error().message());
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) {
      text->pop_back();
    }
    return text;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this library changes the environment.
  const char* const value = std::getenv(setting.hash.c_str());
  if (value == nullptr) {
    return wrong(setting,
                 fmt::format("the environment variable {} is not set: put the hash that "
                             "`provender token` printed into it",
                             setting.hash));
  }
  return std::string(value);
}

bool is_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

std::vector<ApiTokenSetting> read_api_tokens(const yaml::Reader& reader,
                                             const yaml::Field& field,
                                             const std::filesystem::path& folder) {
  std::vector<ApiTokenSetting> tokens;
  if (!field.node->is(yaml::Node::Kind::List)) {
    reader.mismatch(field, "a list of tokens, [{name: web, hash: {env: WEB_TOKEN_HASH}}]");
    return tokens;
  }
  for (std::size_t i = 0; i < field.node->items.size(); ++i) {
    const yaml::Field item{.node = &field.node->items[i],
                           .path = fmt::format("{}[{}]", field.path, i)};
    tokens.push_back(read_token(reader, item, folder));
    const auto same_name = [&](const ApiTokenSetting& other) {
      return other.token.name == tokens.back().token.name;
    };
    if (!tokens.back().token.name.empty() && std::ranges::count_if(tokens, same_name) > 1) {
      reader.problem(
          *item.node,
          fmt::format(
              "{}: two tokens are named '{}': rename one", item.path, tokens.back().token.name));
    }
  }
  return tokens;
}

Result<std::vector<ApiToken>> resolve_api_tokens(const std::vector<ApiTokenSetting>& settings) {
  std::vector<ApiToken> tokens;
  for (const ApiTokenSetting& setting : settings) {
    PROVENDER_ASSIGN(const std::string text, find_text(setting));
    const std::string_view digits =
        text.starts_with(kPrefix) ? std::string_view(text).substr(kPrefix.size()) : "";
    if (digits.size() != kDigits || !std::ranges::all_of(digits, is_digit)) {
      return wrong(
          setting,
          fmt::format("expected {} and {} small hex digits, as `provender token` prints it, "
                      "found {} other characters",
                      kPrefix,
                      kDigits,
                      text.size()));
    }
    tokens.push_back(setting.token);
    tokens.back().hash = digits;
  }
  return tokens;
}

}  // namespace provender::definitions

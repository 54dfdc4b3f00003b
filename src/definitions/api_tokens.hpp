#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "provender/result.hpp"
#include "provender/server_config.hpp"

#include "definitions/yaml/reader.hpp"

namespace provender::definitions {

/// An entry of `server.tokens`: its hash stands in provender.yaml, in a file or in the environment.
struct ApiTokenSetting {
  enum class From : unsigned char { Text, File, Environment };

  ApiToken token;  ///< without its hash
  From from = From::Text;
  std::string hash;  ///< or the file's path, or the variable's name
  Location where;
};

/// Reads the list `server.tokens`. Files are meant from `folder`.
std::vector<ApiTokenSetting> read_api_tokens(const yaml::Reader& reader,
                                             const yaml::Field& field,
                                             const std::filesystem::path& folder);

/// The tokens with their hashes: what only a server needs to know. InvalidArgument names the
/// setting whose hash is missing or none, and never shows what was found.
Result<std::vector<ApiToken>> resolve_api_tokens(const std::vector<ApiTokenSetting>& settings);

}  // namespace provender::definitions

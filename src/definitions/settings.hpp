#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "definitions/project.hpp"
#include "definitions/yaml/map_reader.hpp"

namespace provender::definitions {

/// Reads one section of provender.yaml: each call overwrites a default if the section has the key,
/// and reports a value that does not fit. Confined to one thread.
class SettingsReader {
 public:
  /// Relative paths start at `folder`, which must outlive the reader, as must `reader`.
  SettingsReader(const yaml::Reader& reader,
                 yaml::Field section,
                 const std::filesystem::path& folder,
                 std::string_view expected)
      : reader_(reader), folder_(folder), map_(reader, std::move(section), expected) {}

  struct Range {
    int min;
    int max;
  };

  void read(std::string_view key, bool& into);
  void read(std::string_view key, std::string& into);
  void read(std::string_view key, std::vector<std::string>& into);
  void read(std::string_view key, std::chrono::milliseconds& into);
  void read(std::string_view key, std::filesystem::path& into);
  void read_integer(std::string_view key, Range range, int& into);
  void read_size(std::string_view key, std::uint64_t& into);
  /// The index of the one of `choices`, or `otherwise`.
  std::size_t read_choice(std::string_view key,
                          std::span<const std::string> choices,
                          std::size_t otherwise = 0);
  /// A list of paths, each with its line.
  void read(std::string_view key, std::vector<DefinitionsPath>& into);

  /// What has no reader of its own.
  yaml::MapReader& map() { return map_; }

 private:
  const yaml::Reader& reader_;
  const std::filesystem::path& folder_;
  yaml::MapReader map_;
};

/// `path` as it is meant in provender.yaml.
std::filesystem::path resolve(const std::filesystem::path& folder, const std::string& path);

/// The sections of provender.yaml.
void read_registry(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into);
void read_offline(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into);
void read_online(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into);
void read_server(const yaml::Reader& reader, const yaml::Field& field, ProjectConfig& into);

}  // namespace provender::definitions

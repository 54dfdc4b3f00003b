#include "definitions/files.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace provender::definitions {
namespace {

namespace fs = std::filesystem;

std::optional<DefinitionFile::Kind> kind_of(const fs::path& path) {
  const fs::path extension = path.extension();
  if (extension == ".yaml" || extension == ".yml") return DefinitionFile::Kind::Yaml;
  if (extension == ".py") return DefinitionFile::Kind::Python;
  return std::nullopt;
}

bool is_private(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name.starts_with('_');
}

std::string names_in(const fs::path& folder, const std::string& wanted) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    names.push_back(at->path().filename().string());
  }
  return did_you_mean(wanted, names);
}

/// Walks the entries of one project's `definitions`.
class FileFinder {
 public:
  FileFinder(const ProjectConfig& config, std::vector<Problem>& problems)
      : config_(config), problems_(problems) {}

  std::vector<DefinitionFile> find() {
    for (const auto& entry : config_.definitions) {
      add_entry(entry);
    }
    return std::move(files_);
  }

 private:
  std::string name_of(const fs::path& path) const {
    return path.lexically_relative(config_.folder).generic_string();
  }

  void problem(const DefinitionsPath& entry, std::string_view what) {
    problems_.push_back(
        {{.file = "provender.yaml", .line = entry.line}, fmt::format("definitions: {}", what)});
  }

  void add_entry(const DefinitionsPath& entry) {
    std::error_code failure;
    const fs::file_status status = fs::status(entry.path, failure);
    const std::string name = name_of(entry.path);
    if (status.type() == fs::file_type::not_found) {
      problem(entry,
              fmt::format("'{}' does not exist{}",
                          name,
                          names_in(entry.path.parent_path(), entry.path.filename().string())));
    } else if (failure) {
      problem(entry, fmt::format("cannot read '{}': {}", name, failure.message()));
    } else if (fs::is_directory(status)) {
      add_folder(entry);
    } else if (const auto kind = kind_of(entry.path)) {
      add_file(entry.path, *kind);
    } else {
      problem(entry,
              fmt::format("expected a folder, or a file of .yaml, .yml or .py, found '{}'", name));
    }
  }

  void add_folder(const DefinitionsPath& entry) {
    std::vector<fs::path> paths;
    std::error_code failure;
    fs::recursive_directory_iterator at(entry.path, failure);
    for (const fs::recursive_directory_iterator end; !failure && at != end; at.increment(failure)) {
      std::error_code dangling;  // a link to nothing, as editors leave: reading it says so
      const bool is_folder = at->is_directory(dangling);
      if (is_private(at->path())) {
        if (is_folder) at.disable_recursion_pending();
      } else if (!is_folder && at->path() != config_.folder / "provender.yaml") {
        paths.push_back(at->path());
      }
    }
    if (failure) {
      problem(
          entry,
          fmt::format("cannot read the folder '{}': {}", name_of(entry.path), failure.message()));
    }
    std::ranges::sort(
        paths, {}, [](const fs::path& path) -> const std::string& { return path.native(); });
    for (const auto& path : paths) {
      if (const auto kind = kind_of(path)) add_file(path, *kind);
    }
  }

  /// A file that is listed, and lies in a listed folder, is read once.
  void add_file(const fs::path& path, DefinitionFile::Kind kind) {
    std::error_code failure;
    const fs::path real = fs::canonical(path, failure);
    if (seen_.insert(failure ? path : real).second) {
      files_.push_back({.kind = kind, .path = path, .name = name_of(path)});
    }
  }

  const ProjectConfig& config_;
  std::vector<Problem>& problems_;
  std::vector<DefinitionFile> files_;
  std::set<fs::path> seen_;
};

}  // namespace

std::vector<DefinitionFile> find_files(const ProjectConfig& config,
                                       std::vector<Problem>& problems) {
  return FileFinder(config, problems).find();
}

}  // namespace provender::definitions

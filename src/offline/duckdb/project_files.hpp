#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "model/definitions.hpp"
#include "offline/duckdb/connection.hpp"

namespace provender::offline {

/// Whether a path of a source means all files that match it.
bool has_glob(std::string_view path);

/// Which files a project's sources may read, and how they are called in messages. Immutable: safe
/// for concurrent use.
class ProjectFiles {
 public:
  /// `project` is absolute, `roots` absolute or relative to it.
  ProjectFiles(const std::filesystem::path& project,
               const std::vector<std::filesystem::path>& roots);

  const std::filesystem::path& project() const { return project_; }

  /// The folders that DuckDB is allowed: the project, the roots, and those that sources name.
  std::vector<std::string> allowed_directories(const Definitions& definitions) const;

  /// The path that a source names, absolute. InvalidArgument for a URL.
  Result<std::string> absolute(std::string_view path) const;

  /// InvalidArgument: DuckDB takes the path of a file for a pattern.
  static Result<> check_no_pattern(std::string_view path, std::string_view name);

  /// For messages: relative to the project where that is shorter.
  std::string display(std::string_view path) const;

  /// What DuckDB says of files, with their paths as display() has them.
  Error with_names(const Error& error) const;

  /// The files that a path or glob means, in the order of their bytes. NotFound if there is none,
  /// PermissionDenied if one cannot be read.
  Result<std::vector<std::string>> expand(Connection& connection, std::string_view path) const;

  /// PermissionDenied unless all `files` lie, symbolic links resolved, in the allowed folders.
  Result<> check_inside(const Definitions& definitions,
                        const std::vector<std::string>& files) const;

 private:
  std::filesystem::path project_;
  std::vector<std::filesystem::path> roots_;
};

}  // namespace provender::offline

#include "offline/duckdb/project_files.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include <fmt/format.h>
#include <unistd.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

/// The folder that holds all that `path` can mean: what stands before its first glob character.
fs::path fixed_folder(const std::string& path) {
  return fs::path(path.substr(0, path.find_first_of("*?["))).parent_path();
}

bool is_inside(const fs::path& path, const fs::path& folder) {
  return std::ranges::mismatch(folder, path).in1 == folder.end();
}

/// Without "." and "..", and without a slash at the end.
fs::path normal(const fs::path& path) {
  const fs::path out = path.lexically_normal();
  return out.has_filename() ? out : out.parent_path();
}

bool is_file_source(const FeatureView& view) {
  return view.source.kind == Source::Kind::Parquet || view.source.kind == Source::Kind::Csv;
}

}  // namespace

bool has_glob(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

ProjectFiles::ProjectFiles(const fs::path& project, const std::vector<fs::path>& roots)
    : project_(normal(project)) {
  for (const fs::path& root : roots) {
    roots_.push_back(normal(project_ / root));
  }
}

std::vector<std::string> ProjectFiles::allowed_directories(const Definitions& definitions) const {
  std::set<std::string> out = {project_.string()};
  for (const fs::path& root : roots_) {
    out.insert(root.string());
  }
  for (const FeatureView& view : definitions.feature_views) {
    const std::string& text = view.source.text;
    const bool may_leave = text.starts_with('/') || text.find("..") != std::string::npos;
    if (!is_file_source(view) || !may_leave) continue;
    if (const auto path = absolute(text)) out.insert(fixed_folder(*path).string());
  }
  return {out.begin(), out.end()};
}

Result<std::string> ProjectFiles::absolute(std::string_view path) const {
  if (path.find("://") != std::string_view::npos) {
    return Error(ErrorCode::InvalidArgument,
                 fmt::format("'{}' is a URL: sources are files of this machine", path));
  }
  return normal(project_ / fs::path(path)).string();
}

Result<> ProjectFiles::check_no_pattern(std::string_view path, std::string_view name) {
  if (!has_glob(path)) return {};
  return Error(ErrorCode::InvalidArgument,
               fmt::format("'{}' has one of *?[ in its path, which is read as a pattern of names: "
                           "rename it",
                           name));
}

std::string ProjectFiles::display(std::string_view path) const {
  const std::string prefix = project_.string() + "/";
  return std::string(path.starts_with(prefix) ? path.substr(prefix.size()) : path);
}

Error ProjectFiles::with_names(const Error& error) const {
  constexpr std::string_view kBefore = " '\"([,";  // where a path begins, not where it goes on
  const std::string prefix = project_.string() + "/";
  const std::string_view message = error.message();
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = 0; (at = message.find(prefix, at)) != std::string_view::npos;
       at += prefix.size()) {
    if (at > 0 && !kBefore.contains(message[at - 1])) continue;
    out += message.substr(done, at - done);
    done = at + prefix.size();
  }
  return {error.code(), out.append(message.substr(done))};
}

Result<std::vector<std::string>> ProjectFiles::expand(Connection& connection,
                                                      std::string_view path) const {
  PROVENDER_ASSIGN(const std::string full, absolute(path));
  std::vector<std::string> files;
  if (has_glob(full)) {
    PROVENDER_ASSIGN(const Rows rows,
                     connection.query(fmt::format("SELECT file FROM glob({}) ORDER BY file",
                                                  sql::literal(full))));
    for (const auto& row : rows) {
      files.push_back(std::get<std::string>(row[0].storage));
    }
    std::ranges::sort(files);
    if (files.empty()) {
      return Error(ErrorCode::NotFound,
                   fmt::format("no file matches '{}' (looked in {})", path, project_.string()));
    }
  } else {
    files.push_back(full);
  }
  for (const std::string& file : files) {
    PROVENDER_TRY(check_no_pattern(file, display(file)));
    std::error_code ignored;
    if (fs::is_directory(file, ignored)) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("'{}' is a folder: name its files, e.g. '{}/*.parquet'",
                               display(file),
                               display(file)));
    }
    if (::access(file.c_str(), R_OK) != 0) return system_error("read", display(file), errno);
  }
  return files;
}

Result<> ProjectFiles::check_inside(const Definitions& definitions,
                                    const std::vector<std::string>& files) const {
  std::vector<fs::path> folders;
  const auto allow = [&](const fs::path& folder) {
    std::error_code ignored;
    folders.push_back(fs::weakly_canonical(folder, ignored));
  };
  allow(project_);
  for (const fs::path& root : roots_) {
    allow(root);
  }
  for (const FeatureView& view : definitions.feature_views) {
    if (!is_file_source(view)) continue;
    if (const auto path = absolute(view.source.text)) allow(fixed_folder(*path));
  }
  for (const std::string& file : files) {
    std::error_code failed;
    const fs::path real = fs::weakly_canonical(file, failed);
    const bool inside = !failed && std::ranges::any_of(folders, [&](const fs::path& f) {
      return is_inside(real, f);
    });
    if (inside) continue;
    return Error(
        ErrorCode::PermissionDenied,
        fmt::format("reads '{}'{}, which is outside the project and the folders of declared "
                    "sources: add its folder to offline.roots in provender.yaml",
                    display(file),
                    real == file ? "" : fmt::format(" ({})", real.string())));
  }
  return {};
}

}  // namespace provender::offline

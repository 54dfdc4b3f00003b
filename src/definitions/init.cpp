#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "provender/project.hpp"

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender {
namespace {

namespace fs = std::filesystem;

struct NewFile {
  std::string_view path;
  std::string_view text;
};

/// {} becomes the project's name.
constexpr std::string_view kProject =
    R"(# What each key means, and what else there is: docs/reference/yaml.md
project: {}
definitions: [features.yaml]
registry: .provender/registry.db
offline: {{engine: duckdb, memory_limit: 4GB}}
online: {{store: lmdb, path: .provender/online}}
server: {{host: 127.0.0.1, port: 6566}}
)";

constexpr std::array<NewFile, 6> kFiles{{
    {.path = "features.yaml", .text = R"(entities:
  user_id: {type: string, description: A subscriber.}

# One feature, one source, and a feature view of the same name. Several features of one source go
# under feature_views.
features:
  user_segment:
    entity: user_id
    dtype: str
    source: data/user_segment.csv
    cadence: daily
    description: How much the user watches.
  watch_count_30d:
    entity: user_id
    dtype: int
    source: data/watch_count_30d.csv
    cadence: hourly
    description: Titles watched in the last 30 days.
  last_genre:
    entity: user_id
    dtype: str
    source: data/last_genre.csv
    cadence: 1m
    description: Genre of the title watched last.

feature_services:
  what_to_watch_next:
    description: What the recommendation prompt is written from.
    features: [user_segment, watch_count_30d, last_genre]
)"},
    {.path = "data/user_segment.csv", .text = R"(user_id,event_timestamp,user_segment
8a2f,2026-05-01 00:00:00,casual
8a2f,2026-05-06 00:00:00,power_user
b13c,2026-05-01 00:00:00,casual
)"},
    {.path = "data/watch_count_30d.csv", .text = R"(user_id,event_timestamp,watch_count_30d
8a2f,2026-05-05 10:00:00,22
8a2f,2026-05-07 21:00:00,47
b13c,2026-05-07 19:00:00,5
)"},
    {.path = "data/last_genre.csv", .text = R"(user_id,event_timestamp,last_genre
8a2f,2026-05-07 21:30:00,documentary
b13c,2026-05-07 19:30:00,thriller
)"},
    {.path = "spine.csv", .text = R"(user_id,event_timestamp
8a2f,2026-05-05 12:00:00
b13c,2026-05-07 20:00:00
8a2f,2026-05-07 22:00:00
)"},
    {.path = ".provender/.gitignore", .text = "*\n"},  // the stores are made from the rest
}};

/// The folder's name as a project's: letters, digits and single underscores, a letter first.
std::string project_name(const fs::path& folder) {
  constexpr std::size_t kMaxName = 128;
  std::string name;
  for (const char c : folder.filename().string()) {
    const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool is_digit = c >= '0' && c <= '9';
    if (is_letter || (is_digit && !name.empty())) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
  }
  name.resize(std::min(name.size(), kMaxName));
  while (name.ends_with('_')) {
    name.pop_back();
  }
  return name.empty() ? "my_project" : name;
}

/// What a failed init leaves behind is what was there before.
class NewFiles {
 public:
  explicit NewFiles(fs::path folder) : folder_(std::move(folder)) {}
  NewFiles(const NewFiles&) = delete;
  NewFiles& operator=(const NewFiles&) = delete;
  NewFiles(NewFiles&&) = delete;
  NewFiles& operator=(NewFiles&&) = delete;
  ~NewFiles() {
    std::error_code ignored;
    for (; !created_.empty(); created_.pop_back()) {
      fs::remove(created_.back(), ignored);
    }
  }

  Result<> write(std::string_view path, std::string_view text) {
    const fs::path target = folder_ / path;
    PROVENDER_TRY(make_folder(target.parent_path()));
    PROVENDER_TRY(write_file_atomic(target, text));
    created_.push_back(target);
    return {};
  }
  void keep() { created_.clear(); }

 private:
  Result<> make_folder(const fs::path& folder) {
    std::error_code failure;
    if (fs::is_directory(folder, failure)) return {};
    if (folder.has_parent_path() && folder != folder.root_path()) {
      PROVENDER_TRY(make_folder(folder.parent_path()));
    }
    failure.clear();
    if (fs::create_directory(folder, failure)) created_.push_back(folder);
    if (failure) return system_error("create the folder", folder, failure.value());
    return {};
  }

  fs::path folder_;
  std::vector<fs::path> created_;
};

}  // namespace

Result<> init_project(const std::filesystem::path& folder) {
  std::error_code failure;
  fs::path root = fs::absolute(folder, failure).lexically_normal();
  if (!root.has_filename()) root = root.parent_path();

  std::vector<NewFile> files(kFiles.begin(), kFiles.end());
  const std::string project = fmt::format(kProject, project_name(root));
  files.push_back({"provender.yaml", project});  // last: until then the folder is no project
  for (const auto& file : files) {
    if (fs::symlink_status(root / file.path, failure).type() != fs::file_type::not_found) {
      return Error(
          ErrorCode::AlreadyExists,
          fmt::format(
              "{} is there already, and nothing is overwritten: choose another folder, or move the "
              "file away",
              (root / file.path).string()));
    }
  }
  NewFiles written(root);
  for (const auto& file : files) {
    PROVENDER_TRY(written.write(file.path, file.text));
  }
  written.keep();
  return {};
}

}  // namespace provender

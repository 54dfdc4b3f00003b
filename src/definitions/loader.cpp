#include "definitions/loader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "definitions/document.hpp"
#include "definitions/files.hpp"
#include "definitions/python_module.hpp"
#include "model/validate.hpp"

namespace provender::definitions {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T> from) {
  std::ranges::move(from, std::back_inserter(to));
}

void merge(Definitions from, Loaded& into) {
  for (const auto& view : from.feature_views) {
    for (const auto& name : view.entities) {
      into.entity_references.push_back({name, view.where});
    }
  }
  append(into.definitions.entities, std::move(from.entities));
  append(into.definitions.sql_views, std::move(from.sql_views));
  append(into.definitions.feature_views, std::move(from.feature_views));
  append(into.definitions.feature_services, std::move(from.feature_services));
}

Result<> read_one(const DefinitionFile& file,
                  const std::filesystem::path& project,
                  Loaded& into,
                  std::vector<Problem>& problems) {
  if (file.kind == DefinitionFile::Kind::Python) {
    PROVENDER_ASSIGN(auto definitions, load_python_module(file, project));
    merge(std::move(definitions), into);
    return {};
  }
  PROVENDER_ASSIGN(const std::string text, read_file(file.path));
  read_document(text, file.name, into, problems);
  return {};
}

/// Takes out what refers to things that could not be read: it cannot be judged, and its problems
/// would be no news.
void remove_unjudged(Loaded& loaded) {
  Definitions& all = loaded.definitions;
  const auto is_unread = [&](const std::string& view) {
    return loaded.unread_views.contains(view);
  };
  std::erase_if(all.feature_views, [&](const FeatureView& view) { return is_unread(view.name); });
  if (!loaded.has_all_names) {
    all.feature_services.clear();
    std::erase_if(all.feature_views, [&](const FeatureView& view) {
      return view.source.kind == Source::Kind::View && all.sql_view(view.source.text) == nullptr;
    });
  }
  for (auto& service : all.feature_services) {
    std::erase_if(service.items, [&](const ServiceItem& item) {
      return item.view.empty() ? !loaded.unread_views.empty() : is_unread(item.view);
    });
  }
  std::erase_if(all.feature_services,
                [](const FeatureService& service) { return service.items.empty(); });
}

}  // namespace

Result<Definitions> load_definitions(const ProjectConfig& config) {
  std::vector<Problem> problems;
  Loaded loaded;
  loaded.definitions.project = config.project;
  const auto files = find_files(config, problems);
  loaded.has_all_names = problems.empty();
  for (const auto& file : files) {
    if (auto read = read_one(file, config.folder, loaded, problems); !read) {
      problems.push_back({{.file = file.name, .line = 0}, std::string(read.error().message())});
      loaded.has_all_names = false;
    }
  }
  add_named_entities(loaded, problems);
  if (!problems.empty()) remove_unjudged(loaded);
  std::ranges::move(validate(loaded.definitions), std::back_inserter(problems));
  if (!problems.empty()) return to_error(std::move(problems));
  return std::move(loaded.definitions);
}

}  // namespace provender::definitions

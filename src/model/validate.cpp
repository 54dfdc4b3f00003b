#include "model/validate.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "model/sql_references.hpp"
#include "model/validate_parts.hpp"

namespace provender {
namespace {

template <class T>
void check_names(std::string_view kind, const std::vector<T>& objects, Problems& problems) {
  const T* before = nullptr;
  for (const T& object : objects) {
    if (const auto problem = problem_with_name(object.name)) {
      problems.add(object.where, fmt::format("{} '{}' {}", kind, object.name, *problem));
    }
    if (before != nullptr && before->name == object.name) {
      problems.add(
          object.where,
          fmt::format("{} '{}' is declared twice{}", kind, object.name, first_at(before->where)));
    }
    before = &object;
  }
}

void check_entity(const Entity& entity, Problems& problems) {
  if (entity.keys.empty()) {
    problems.add(entity.where,
                 fmt::format("entity '{}' has no keys: expected at least one", entity.name));
  }
  std::vector<std::string_view> seen;
  for (const JoinKey& key : entity.keys) {
    if (const auto problem = problem_with_key_name(key.name)) {
      problems.add(entity.where,
                   fmt::format("key '{}' of entity '{}' {}", key.name, entity.name, *problem));
    }
    if (key.type && !is_key_type(*key.type)) {
      problems.add(
          entity.where,
          fmt::format("key '{}' of entity '{}' is of type {}: expected bool, int32, int64, string, "
                      "bytes or timestamp",
                      key.name,
                      entity.name,
                      to_string(*key.type)));
    }
    if (std::ranges::find(seen, key.name) != seen.end()) {
      problems.add(entity.where,
                   fmt::format("entity '{}' has key '{}' twice", entity.name, key.name));
    }
    seen.push_back(key.name);
  }
}

/// One key name is one thing in a request: it has one type wherever it is declared.
void check_key_types(const std::vector<Entity>& entities, Problems& problems) {
  struct Use {
    const Entity* entity;
    Type type;
  };
  std::map<std::string_view, Use> uses;
  for (const Entity& entity : entities) {
    for (const JoinKey& key : entity.keys) {
      if (!key.type) continue;
      const auto [found, is_new] =
          uses.try_emplace(key.name, Use{.entity = &entity, .type = *key.type});
      const Use& first = found->second;
      if (is_new || first.type == *key.type || first.entity == &entity) continue;
      problems.add(
          entity.where,
          fmt::format(
              "key '{}' is {} in entity '{}' but {} in entity '{}'{}: one name has one type",
              key.name,
              to_string(*key.type),
              entity.name,
              to_string(first.type),
              first.entity->name,
              first_at(first.entity->where)));
    }
  }
}

void check_sql_views(const Definitions& definitions, Problems& problems) {
  std::map<std::string, const SqlView*> by_lower_name;
  for (const SqlView& view : definitions.sql_views) {
    if (view.sql.find_first_not_of(" \t\r\n;") == std::string::npos) {
      problems.add(view.where, fmt::format("SQL view '{}' is empty: expected a SELECT", view.name));
    }
    const auto [same, is_new] = by_lower_name.try_emplace(to_lower(view.name), &view);
    if (!is_new && same->second->name != view.name) {
      problems.add(
          view.where,
          fmt::format("SQL views '{}' and '{}' differ only in case, which SQL does not tell apart",
                      same->second->name,
                      view.name));
    }
  }
  for (const auto& cycle : cycles_of_sql_views(definitions)) {
    std::string path;
    for (const SqlView* view : cycle) {
      path += fmt::format("{} → ", view->name);
    }
    problems.add(
        cycle.front()->where,
        fmt::format("SQL views read each other in a circle: {}{}", path, cycle.front()->name));
  }
}

template <class T>
void sort_by_name(std::vector<T>& objects) {
  std::ranges::stable_sort(objects, {}, &T::name);
}

}  // namespace

std::string first_at(const Location& where) {
  if (where.file.empty() || where.line == 0) return "";
  return fmt::format(" (the other is at {}:{})", where.file, where.line);
}

std::vector<Problem> validate(Definitions& definitions) {
  sort_by_name(definitions.entities);
  sort_by_name(definitions.sql_views);
  sort_by_name(definitions.feature_views);
  sort_by_name(definitions.feature_services);

  Problems problems;
  if (const auto problem = problem_with_name(definitions.project);
      problem && !definitions.project.empty()) {
    problems.add({}, fmt::format("project '{}' {}", definitions.project, *problem));
  }
  check_names("entity", definitions.entities, problems);
  check_names("SQL view", definitions.sql_views, problems);
  check_names("feature view", definitions.feature_views, problems);
  check_names("feature service", definitions.feature_services, problems);
  for (const Entity& entity : definitions.entities) {
    check_entity(entity, problems);
  }
  check_key_types(definitions.entities, problems);
  check_sql_views(definitions, problems);
  for (const FeatureView& view : definitions.feature_views) {
    check_feature_view(definitions, view, problems);
  }
  for (const FeatureService& service : definitions.feature_services) {
    check_service(definitions, service, problems);
  }
  return std::move(problems).all();
}

}  // namespace provender

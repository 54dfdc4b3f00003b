#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "definitions/document.hpp"

namespace provender::definitions {
namespace {

std::string place(const Location& where) {
  return where.line == 0 ? where.file : fmt::format("{}:{}", where.file, where.line);
}

}  // namespace

void add_named_entities(Loaded& loaded, std::vector<Problem>& problems) {
  std::vector<std::string> declared;
  declared.reserve(loaded.definitions.entities.size());
  for (const auto& entity : loaded.definitions.entities) {
    declared.push_back(entity.name);
  }
  std::set<std::string> known(declared.begin(), declared.end());

  std::vector<std::string> only_named;
  std::map<std::string, Location> first_named;
  for (const auto& [name, where] : loaded.entity_references) {
    if (known.contains(name)) continue;
    known.insert(name);
    if (const std::string near = nearest(name, declared); !near.empty()) {
      problems.push_back(
          {where,
           fmt::format("entity '{}' is not declared (did you mean '{}'?); if it is another "
                       "entity, declare it too under 'entities'",
                       name,
                       near)});
    } else if (const std::string other = nearest(name, only_named); !other.empty()) {
      problems.push_back(
          {where,
           fmt::format("entity '{}' is not declared, and is close to '{}' ({}): correct the "
                       "one that is wrong, or declare both under 'entities'",
                       name,
                       other,
                       place(first_named.at(other)))});
    }
    only_named.push_back(name);
    first_named.emplace(name, where);
    loaded.definitions.entities.push_back({.name = name,
                                           .keys = {{.name = name, .type = std::nullopt}},
                                           .about = {},
                                           .where = where});
  }
}

}  // namespace provender::definitions

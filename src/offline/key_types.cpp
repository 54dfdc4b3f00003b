#include "offline/key_types.hpp"

#include <optional>

#include <fmt/format.h>

namespace provender::offline {
namespace {

/// The type that holds the values of both, if they are of one sort.
std::optional<Type> common_type(Type a, Type b) {
  if (a == b) return a;
  const auto is_integer = [](Type t) {
    return !t.is_list && (t.kind == Kind::Int32 || t.kind == Kind::Int64);
  };
  if (is_integer(a) && is_integer(b)) return Type{.kind = Kind::Int64};
  return std::nullopt;
}

}  // namespace

/// The column, once for each type that it has.
std::vector<const SourceColumn*> columns_named(const SourceInfo& source, std::string_view name) {
  std::vector<const SourceColumn*> out;
  for (const SourceColumn& column : source.columns) {
    if (column.name == name) out.push_back(&column);
  }
  return out;
}

void KeyTyper::note(const Definitions& definitions,
                    const FeatureView& view,
                    const SourceInfo& source) {
  for (const std::string& name : view.entities) {
    const Entity* entity = definitions.entity(name);
    if (entity == nullptr) continue;
    for (const JoinKey& key : entity->keys) {
      if (key.type) continue;
      const auto columns = columns_named(source, view.source.column(key.name));
      if (columns.empty()) failed_.insert(entity->name);
      for (const SourceColumn* column : columns) {
        note(entity->name, key, view, *column);
      }
    }
  }
}

std::vector<Problem> KeyTyper::assign(Definitions& definitions) {
  for (Entity& entity : definitions.entities) {
    for (JoinKey& key : entity.keys) {
      if (key.type) continue;
      const auto found = types_.find({entity.name, key.name});
      if (found != types_.end()) {
        key.type = found->second.type;
      } else if (!failed_.contains(entity.name)) {
        problems_.push_back(
            {.where = entity.where,
             .message = fmt::format("entity '{}': the type of its key '{}' cannot be taken from a "
                                    "source, because no feature view uses it: declare it",
                                    entity.name,
                                    key.name)});
      }
    }
  }
  return std::move(problems_);
}

void KeyTyper::note(const std::string& entity,
                    const JoinKey& key,
                    const FeatureView& view,
                    const SourceColumn& column) {
  const auto report = [&](std::string message) {
    failed_.insert(entity);
    problems_.push_back(
        {.where = view.where, .message = fmt::format("feature view '{}': {}", view.name, message)});
  };
  if (!column.type || !is_key_type(*column.type)) {
    return report(
        fmt::format("column '{}' of the source is {}, from which the join key '{}' gets no type: "
                    "declare it in entity '{}'",
                    column.name,
                    column.native_type,
                    key.name,
                    entity));
  }
  const auto [place, is_new] =
      types_.try_emplace({entity, key.name}, Found{.type = *column.type, .view = view.name});
  if (is_new) return;
  const auto common = common_type(place->second.type, *column.type);
  if (common) {
    place->second.type = *common;
    return;
  }
  report(
      fmt::format("join key '{}' is {} here and {} in feature view '{}': declare its type in "
                  "entity '{}'",
                  key.name,
                  to_string(*column.type),
                  to_string(place->second.type),
                  place->second.view,
                  entity));
}

}  // namespace provender::offline

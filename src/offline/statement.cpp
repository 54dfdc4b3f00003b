#include "offline/statement.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json/reader.hpp"
#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

using json::Value;

constexpr std::array<std::string_view, 9> kFileReaders = {"read_parquet",
                                                          "parquet_scan",
                                                          "read_csv",
                                                          "read_csv_auto",
                                                          "read_json",
                                                          "read_json_auto",
                                                          "read_ndjson",
                                                          "read_ndjson_auto",
                                                          "read_json_objects"};
constexpr std::array<std::string_view, 5> kPureFunctions = {
    "range", "generate_series", "unnest", "json_each", "json_tree"};

Error refused(std::string message) {
  return Error(ErrorCode::InvalidArgument, std::move(message));
}

std::string_view text_of(const Value& object, std::string_view member) {
  const auto found = object.find(member);
  return found && found->is(Value::Kind::String) ? found->as_string() : std::string_view{};
}

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool looks_like_a_path(std::string_view name) {
  return name.find_first_of("/.*?[") != std::string_view::npos;
}

std::optional<std::size_t> location_of(const Value& node) {
  const auto found = node.find("query_location");
  if (!found || !found->is(Value::Kind::Int)) return std::nullopt;
  return static_cast<std::size_t>(found->as_int());
}

/// Walks the whole tree once: whatever holds a table is found, wherever it is.
class Walker {
 public:
  Result<> walk(const Value& node) {
    if (node.is(Value::Kind::Object)) {
      PROVENDER_TRY(visit(node));
      return walk_members(node);
    }
    if (node.is(Value::Kind::Array)) return walk_elements(node);
    return {};
  }

  SelectShape take() && {
    std::erase_if(shape_.tables,
                  [&](const std::string& name) { return ctes_.contains(sql::folded(name)); });
    std::ranges::sort(shape_.paths, {}, &PathInSql::at);
    return std::move(shape_);
  }

 private:
  Result<> walk_members(const Value& node) {
    Result<> out;
    node.for_each_member([&](std::string_view name, const Value& member) {
      if (name == "cte_map") note_ctes(member);
      if (out) out = walk(member);
    });
    return out;
  }

  Result<> walk_elements(const Value& node) {
    Result<> out;
    node.for_each_element([&](const Value& element) {
      if (out) out = walk(element);
    });
    return out;
  }

  Result<> visit(const Value& node) {
    const std::string_view type = text_of(node, "type");
    if (type == "BASE_TABLE") return visit_table(node);
    if (type == "TABLE_FUNCTION") return visit_function(node);
    if (type == "SHOW_REF") return refused("DESCRIBE, SHOW and SUMMARIZE are no SELECT");
    if (type == "VALUE_PARAMETER") return refused("a SQL view has no parameters ($1, ?)");
    return {};
  }

  void note_ctes(const Value& map) {
    const auto entries = map.find("map");
    if (!entries) return;
    entries->for_each_element(
        [&](const Value& entry) { ctes_.insert(sql::folded(text_of(entry, "key"))); });
  }

  Result<> visit_table(const Value& node) {
    const std::string_view name = text_of(node, "table_name");
    if (!text_of(node, "schema_name").empty() || !text_of(node, "catalog_name").empty()) {
      return refused(
          fmt::format("reads '{}.{}', but a SQL view reads only files and other SQL views",
                      text_of(node, "schema_name"),
                      name));
    }
    if (!looks_like_a_path(name)) {
      shape_.tables.emplace_back(name);
      return {};
    }
    return add_path(node, name);
  }

  Result<> visit_function(const Value& node) {
    const auto function = node.find("function");
    if (!function) return refused("calls a function that cannot be read");
    const std::string_view name = text_of(*function, "function_name");
    if (is_one_of(kPureFunctions, name)) return {};
    if (!is_one_of(kFileReaders, name)) {
      return refused(fmt::format("calls {}(), but in FROM a SQL view may call only {}, {}",
                                 name,
                                 fmt::join(kFileReaders, ", "),
                                 fmt::join(kPureFunctions, ", ")));
    }
    const auto arguments = function->find("children");
    std::optional<Value> first;
    if (arguments) {
      arguments->for_each_element([&](const Value& each) {
        if (!first) first = each;
      });
    }
    if (!first) return refused(fmt::format("calls {}() without a path", name));
    return add_paths(*first, name);
  }

  /// A literal, or a list of literals.
  Result<> add_paths(const Value& argument, std::string_view function) {
    if (text_of(argument, "class") == "CONSTANT") {
      const auto constant = argument.find("value");
      if (constant) {
        const auto text = constant->find("value");
        if (text && text->is(Value::Kind::String)) return add_path(argument, text->as_string());
      }
    }
    const auto children = argument.find("children");
    if (text_of(argument, "function_name") != "list_value" || !children) {
      return refused(fmt::format(
          "calls {}() with something else than a quoted path or a list of them", function));
    }
    Result<> out;
    children->for_each_element([&](const Value& element) {
      if (out) out = add_paths(element, function);
    });
    return out;
  }

  Result<> add_path(const Value& node, std::string_view path) {
    const auto at = location_of(node);
    if (!at) return refused(fmt::format("reads '{}' in a way that cannot be checked", path));
    shape_.paths.push_back({.path = std::string(path), .at = *at});
    return {};
  }

  SelectShape shape_;
  std::set<std::string> ctes_;
};

/// Behind the quoted text that begins at `at`, if it means `path`; 0 otherwise.
std::size_t end_of_quoted(std::string_view sql, std::size_t at, std::string_view path) {
  if (at >= sql.size() || (sql[at] != '\'' && sql[at] != '"')) return 0;
  const std::string quoted = sql[at] == '"' ? sql::identifier(path) : sql::literal(path);
  return sql.substr(at).starts_with(quoted) ? at + quoted.size() : 0;
}

}  // namespace

Result<SelectShape> read_select(std::string_view syntax_tree) {
  json::Parser parser(1000);
  auto parsed = parser.parse(syntax_tree);
  if (!parsed) return refused("the statement is nested too deeply");
  const auto failed = parsed->find("error");
  if (!failed || !failed->is(Value::Kind::Bool) || failed->as_bool()) {
    const std::string_view message = text_of(*parsed, "error_message");
    return refused(text_of(*parsed, "error_type") == "not implemented"
                       ? std::string("is no SELECT: a SQL view is exactly one SELECT statement")
                       : std::string(message));
  }
  const auto statements = parsed->find("statements");
  if (!statements || statements->size() != 1) {
    return refused(fmt::format("has {} statements: a SQL view is exactly one SELECT statement",
                               statements ? statements->size() : 0));
  }
  Walker walker;
  PROVENDER_TRY(walker.walk(*statements));
  return std::move(walker).take();
}

Result<std::string> replace_paths(std::string_view sql,
                                  const std::vector<PathInSql>& paths,
                                  const std::vector<std::string>& absolute) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::size_t end = end_of_quoted(sql, paths[i].at, paths[i].path);
    if (end == 0 || paths[i].at < done) {
      return refused(
          fmt::format("the path '{}' is not written as one plain quoted text", paths[i].path));
    }
    out += sql.substr(done, paths[i].at - done);
    out += sql[paths[i].at] == '"' ? sql::identifier(absolute[i]) : sql::literal(absolute[i]);
    done = end;
  }
  return out += sql.substr(done);
}

std::string compile_select(const std::vector<NamedSelect>& views, std::string_view sql) {
  std::string out;
  for (const NamedSelect& view : views) {
    // The line ends close comments that the statements may end with.
    out += fmt::format("{}{} AS (\n{}\n)",
                       out.empty() ? "WITH " : ",\n",
                       sql::identifier(view.name),
                       trim_statement(view.sql));
  }
  if (views.empty()) return std::string(trim_statement(sql));
  return out + fmt::format("\nSELECT * FROM (\n{}\n)", trim_statement(sql));
}

std::string_view trim_statement(std::string_view sql) {
  const std::size_t end = sql.find_last_not_of("; \t\r\n");
  return end == std::string_view::npos ? std::string_view{} : sql.substr(0, end + 1);
}

}  // namespace provender::offline

#include "offline/duckdb/test_project.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"
#include "offline/conversion.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

namespace fs = std::filesystem;

template <class T>
T expect(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(result.error().message()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace

TestProject::TestProject() {
  std::string name = (fs::temp_directory_path() / "provender-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  folder_ = fs::canonical(name);
  auto database = expect(Database::open({.memory_limit = std::uint64_t{1} << 30,
                                         .threads = 1,
                                         .temp_parent = folder_ / ".test",
                                         .allowed_directories = {folder_.string()},
                                         .allowed_files = {}}));
  connection_ = std::make_unique<Connection>(expect(Connection::open(std::move(database), {})));
}

TestProject::~TestProject() {
  connection_.reset();
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void TestProject::sql(std::string statement) {
  for (std::size_t at = 0; (at = statement.find('@', at)) != std::string::npos;) {
    statement.replace(at, 1, folder_.string());
  }
  if (auto done = connection_->execute(statement); !done) {
    throw std::runtime_error(std::string(done.error().message()) + "\nin " + statement);
  }
}

Rows TestProject::rows(std::string select) {
  for (std::size_t at = 0; (at = select.find('@', at)) != std::string::npos;) {
    select.replace(at, 1, folder_.string());
  }
  return expect(connection_->query(select));
}

void TestProject::write(const std::string& relative,
                        const std::string& select,
                        std::size_t row_group_rows) {
  fs::create_directories(path(relative).parent_path());
  const bool csv = relative.ends_with(".csv");
  // DuckDB's dictionaries do not tell -0.0 from 0.0.
  const bool has_negative_zero = select.find("'-0.0'") != std::string::npos;
  const std::string options =
      csv ? "FORMAT csv, HEADER true"
          : fmt::format("FORMAT parquet, ROW_GROUP_SIZE {}{}",
                        row_group_rows,
                        has_negative_zero ? ", DICTIONARY_SIZE_LIMIT 0" : "");
  sql(fmt::format("COPY ({}) TO {} ({})", select, sql::literal(path(relative).string()), options));
}

void TestProject::write_text(const std::string& relative, const std::string& text) const {
  fs::create_directories(path(relative).parent_path());
  std::ofstream(path(relative), std::ios::binary) << text;
}

std::string TestProject::read_text(const std::string& relative) const {
  std::ostringstream out;
  out << std::ifstream(path(relative), std::ios::binary).rdbuf();
  return out.str();
}

std::vector<std::string> TestProject::list(const std::string& relative) const {
  std::vector<std::string> out;
  if (!fs::exists(path(relative))) return out;
  for (const auto& entry : fs::directory_iterator(path(relative))) {
    out.push_back(entry.path().filename().string());
  }
  std::ranges::sort(out);
  return out;
}

std::string sql_literal(const Value& value, Type type) {
  const std::string sql_type = column_type(type);
  if (value.is_null()) return fmt::format("CAST(NULL AS {})", sql_type);
  if (const auto* list = std::get_if<ValueList>(&value.storage)) {
    std::string elements;
    for (const Value& element : *list) {
      elements += elements.empty() ? "" : ", ";
      elements += sql_literal(element, Type{.kind = type.kind});
    }
    return fmt::format("CAST([{}] AS {})", elements, sql_type);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value.storage)) {
    return fmt::format("from_base64('{}')", base64_encode(bytes->data));
  }
  if (const auto* time = std::get_if<Timestamp>(&value.storage)) {
    return fmt::format("make_timestamp({})", time->time_since_epoch().count());
  }
  std::string text = sql::literal(to_text(to_view(value, type)));
  for (std::size_t at = 0; (at = text.find('\0', at)) != std::string::npos;) {
    text.replace(at, 1, "' || chr(0) || '");  // SQL text ends at a NUL
  }
  return fmt::format("CAST({} AS {})", text, sql_type);
}

}  // namespace provender::offline

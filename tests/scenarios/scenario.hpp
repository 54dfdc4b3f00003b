#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "provender/result.hpp"
#include "provender/value.hpp"

/// A behaviour as data: definitions, tables, a question and its exact answer in one text file
/// (README.md).
namespace provender::scenario {

/// Rows with named and typed columns: a line "name type | name type", then a line a row.
struct Table {
  struct Column {
    std::string name;
    Type type;
  };
  std::vector<Column> columns;
  std::vector<std::vector<Value>> rows;
};

/// "== word argument argument" and the lines below it.
struct Section {
  std::string word;
  std::vector<std::string> arguments;
  std::string text;
};

Result<std::vector<Section>> read_scenario(const std::filesystem::path& path);
Result<Table> read_table(const std::string& text);

}  // namespace provender::scenario

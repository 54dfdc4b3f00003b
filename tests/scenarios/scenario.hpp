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
std::vector<Section> parse_scenario(const std::string& text);
Result<Table> read_table(const std::string& text);
/// What read_table reads.
std::string to_text(const Table& table);

/// A cell's text as README.md has it, both ways and without loss.
Result<Value> read_cell(const std::string& text, Type type);
std::string write_cell(const Value& value, Type type);

}  // namespace provender::scenario

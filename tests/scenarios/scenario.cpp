#include "scenario.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"

namespace provender::scenario {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    const std::size_t begin = part.find_first_not_of(' ');
    const std::size_t end = part.find_last_not_of(' ');
    out.push_back(begin == std::string::npos ? "" : part.substr(begin, end - begin + 1));
  }
  return out;
}

Result<Value> read_cell(const std::string& text, Type type) {
  if (text == "null") return Value{};
  if (text == "''") return Value{.storage = std::string()};
  return parse_value(text, type);
}

}  // namespace

Result<std::vector<Section>> read_scenario(const std::filesystem::path& path) {
  PROVENDER_ASSIGN(const std::string text, read_file(path));
  std::vector<Section> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("== ")) {
      auto words = split(line.substr(3), ' ');
      std::erase(words, "");
      Section section{.word = words.front(), .arguments = {}, .text = {}};
      section.arguments.assign(words.begin() + 1, words.end());
      out.push_back(std::move(section));
    } else if (!out.empty()) {
      out.back().text += line + "\n";
    }
  }
  return out;
}

Result<Table> read_table(const std::string& text) {
  Table out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    const auto cells = split(line, '|');
    if (out.columns.empty()) {
      for (const std::string& cell : cells) {
        const std::size_t space = cell.find(' ');
        PROVENDER_ASSIGN(const Type type, parse_type(cell.substr(space + 1)));
        out.columns.push_back({.name = cell.substr(0, space), .type = type});
      }
      continue;
    }
    if (cells.size() != out.columns.size()) {
      return Error(ErrorCode::InvalidArgument,
                   fmt::format("not {} cells: {}", out.columns.size(), line));
    }
    std::vector<Value> row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      PROVENDER_ASSIGN(auto value, read_cell(cells[i], out.columns[i].type));
      row.push_back(std::move(value));
    }
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace provender::scenario

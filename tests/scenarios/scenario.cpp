#include "scenario.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/json/writer.hpp"
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

/// What stands between quotes, where \xHH is a byte.
Result<std::string> unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* end = text.data() + std::min(i + 4, text.size() - 1);
    const auto parsed =
        std::from_chars(text.data() + std::min(i + 2, text.size() - 1), end, byte, 16);
    if (text[i + 1] != 'x' || parsed.ec != std::errc() || parsed.ptr != text.data() + i + 4) {
      return Error(ErrorCode::InvalidArgument, fmt::format("not \\xHH in {}", text));
    }
    out += static_cast<char>(byte);
    i += 3;
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte >= ' ' && byte != 0x7f && c != '\'' && c != '\\' && c != '|';
    out += is_plain ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  return out + "'";
}

/// As JSON, but for numbers that JSON has not.
Result<Value> read_float_list(const std::string& text, Type type) {
  ValueList out;
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    return Error(ErrorCode::InvalidArgument, "not a list: " + text);
  }
  for (const std::string& element : split(text.substr(1, text.size() - 2), ',')) {
    PROVENDER_ASSIGN(auto value,
                     element == "null" ? Value{} : parse_value(element, Type{.kind = type.kind}));
    out.push_back(std::move(value));
  }
  return Value{.storage = std::move(out)};
}

std::string write_list(const ValueList& list, Type type) {
  std::string out;
  for (const Value& value : list) {
    out += out.empty() ? "" : ", ";
    const bool is_number = !is_variable_length(type.kind) && type.kind != Kind::Timestamp;
    if (value.is_null() || is_number) {
      out += write_cell(value, type);
    } else {
      json::Writer(out).string(to_text(to_view(value, type)));
    }
  }
  return "[" + out + "]";
}

}  // namespace

Result<Value> read_cell(const std::string& text, Type type) {
  if (text == "null") return Value{};
  if (type.is_list && (type.kind == Kind::Float32 || type.kind == Kind::Float64)) {
    return read_float_list(text, type);
  }
  if (!text.starts_with('\'') || type.is_list) return parse_value(text, type);
  PROVENDER_ASSIGN(const std::string inner, unquoted(text));
  return parse_value(inner, type);
}

std::string write_cell(const Value& value, Type type) {
  if (value.is_null()) return "null";
  if (const auto* list = std::get_if<ValueList>(&value.storage)) {
    return write_list(*list, Type{.kind = type.kind});
  }
  std::string text = to_text(to_view(value, type));
  if (!is_variable_length(type.kind)) return text;
  const bool is_bare = !text.empty() && text != "null" && text.front() != ' ' &&
                       text.back() != ' ' && in_quotes(text).size() == text.size() + 2;
  return is_bare ? text : in_quotes(text);
}

Result<std::vector<Section>> read_scenario(const std::filesystem::path& path) {
  PROVENDER_ASSIGN(const std::string text, read_file(path));
  return parse_scenario(text);
}

std::vector<Section> parse_scenario(const std::string& text) {
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

std::string to_text(const Table& table) {
  std::string out;
  for (const Table::Column& column : table.columns) {
    out += fmt::format("{}{} {}", out.empty() ? "" : " | ", column.name, to_string(column.type));
  }
  for (const auto& row : table.rows) {
    out += '\n';
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += (i == 0 ? "" : " | ") + write_cell(row[i], table.columns[i].type);
    }
  }
  return out + '\n';
}

}  // namespace provender::scenario

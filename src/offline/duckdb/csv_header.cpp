#include "offline/duckdb/csv_header.hpp"

#include <cerrno>
#include <fstream>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/fs.hpp"
#include "base/try.hpp"
#include "offline/sql_text.hpp"

namespace provender::offline {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 10;

Result<std::string> read_start(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return system_error("read", path, errno);
  std::string out(kMostBytes, '\0');
  file.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(file.gcount()));
  if (out.starts_with("\xEF\xBB\xBF")) out.erase(0, 3);
  return out;
}

/// What a file is that is taken for CSV and is not; empty: nothing else.
std::string_view other_format(std::string_view start) {
  constexpr std::string_view kGzip = "\x1F\x8B";
  constexpr std::string_view kZstd = "\x28\xB5\x2F\xFD";
  if (start.starts_with(kGzip)) return "packed with gzip: unpack it";
  if (start.starts_with(kZstd)) return "packed with zstd: unpack it";
  const std::string_view line = start.substr(0, start.find_first_of("\r\n"));
  if (line.contains('\t') && !line.contains(',')) return "separated by tabs: write it with commas";
  return {};
}

/// Splits the first record; nullopt where it has no end within `text`.
std::optional<std::vector<std::string>> split_record(std::string_view text, bool is_whole_file) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        out.back() += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        out.back() += text[i++ + 1];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      out.emplace_back();
    } else if (c == '\n' || c == '\r') {
      return out;
    } else {
      out.back() += c;
    }
  }
  if (quoted || !is_whole_file) return std::nullopt;
  return out;
}

}  // namespace

Result<std::vector<std::string>> read_csv_header(const std::string& path) {
  PROVENDER_ASSIGN(const std::string start, read_start(path));
  const auto invalid = [](std::string message) {
    return Error(ErrorCode::InvalidArgument, std::move(message));
  };
  if (start.empty()) return invalid("the file is empty: its first line must name the columns");
  if (const auto format = other_format(start); !format.empty()) {
    return invalid(fmt::format("it is no CSV but {}", format));
  }
  auto names = split_record(start, start.size() < kMostBytes);
  if (!names) return invalid("the first line, which must name the columns, has no end");
  std::set<std::string> seen;
  for (const std::string& name : *names) {
    if (name.empty()) return invalid("a column has no name in the first line");
    if (!seen.insert(sql::folded(name)).second) {
      return invalid(fmt::format("column '{}' is named twice in the first line", name));
    }
  }
  return *std::move(names);
}

std::string csv_scan(const std::vector<std::string>& files,
                     const std::vector<std::string>& columns,
                     bool hive) {
  std::string struct_text;
  for (const std::string& column : columns) {
    struct_text +=
        fmt::format("{}{}: 'VARCHAR'", struct_text.empty() ? "" : ", ", sql::identifier(column));
  }
  return fmt::format(
      "read_csv({}, auto_detect = false, header = true, columns = {{{}}}, delim = ',', quote = "
      "'\"', "
      "escape = '\"', comment = '', skip = 0, nullstr = '', allow_quoted_nulls = false, "
      "compression = 'none', strict_mode = true, null_padding = false, ignore_errors = false, "
      "encoding = 'utf-8', "
      "filename = '__file', hive_partitioning = {}{})",
      sql::literal_list(files),
      struct_text,
      hive,
      hive ? ", hive_types_autocast = false" : "");
}

}  // namespace provender::offline

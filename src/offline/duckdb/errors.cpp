#include "offline/duckdb/errors.hpp"

#include <array>
#include <string>

#include <fmt/format.h>

namespace provender::offline {
namespace {

/// Without "Invalid Input Error: " in front, and what DuckDB adds behind: the place in our own SQL,
/// advice about settings that are not the user's.
std::string_view for_people(std::string_view message) {
  const std::size_t colon = message.find(" Error: ");
  if (colon < 30) message.remove_prefix(colon + std::string_view(" Error: ").size());
  constexpr std::array<std::string_view, 6> kBehind = {"\n\nLINE ",
                                                       "\nLINE ",
                                                       "\nPossible fixes:",
                                                       "\nPossible Solution",
                                                       "\nPossible solutions",
                                                       "\n  file ="};
  for (const std::string_view behind : kBehind) {
    message = message.substr(0, message.find(behind));
  }
  const std::size_t end = message.find_last_not_of(" \n");
  return message.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// Of a broken line of a CSV file DuckDB says first the number, then its text, then what is wrong,
/// and far behind which file it is.
std::string about_csv(std::string_view message) {
  constexpr std::string_view kNumber = "CSV Error on Line: ";
  constexpr std::string_view kFile = "\n  file = ";
  const std::string_view text = for_people(message);
  const std::size_t file_at = message.find(kFile);
  const std::size_t number_end = text.find('\n');
  if (!text.starts_with(kNumber) || number_end == std::string_view::npos ||
      file_at == std::string_view::npos) {
    return std::string(text);
  }
  std::string_view file = message.substr(file_at + kFile.size());
  file = file.substr(0, file.find('\n'));
  return fmt::format("{}, line {}: {}",
                     file,
                     text.substr(kNumber.size(), number_end - kNumber.size()),
                     text.substr(text.rfind('\n') + 1));
}

bool says(std::string_view message, std::string_view part) {
  return message.find(part) != std::string_view::npos;
}

std::string about_memory(std::string_view message) {
  std::string_view text = for_people(message);
  // It spills as much as there is room for on the disk.
  if (says(message, "max_temp_directory_size")) {
    text = text.substr(0, text.find('\n'));
    return fmt::format("the disk is full: {}", text);
  }
  return fmt::format("out of memory: {}; raise offline.memory_limit", text);
}

ErrorCode code_of_io(std::string_view message) {
  if (says(message, "No space left") || says(message, "Disk quota")) {
    return ErrorCode::ResourceExhausted;
  }
  if (says(message, "Permission denied") || says(message, "Read-only file system")) {
    return ErrorCode::PermissionDenied;
  }
  if (says(message, "No such file") || says(message, "No files found")) return ErrorCode::NotFound;
  return ErrorCode::Io;
}

ErrorCode code_of(duckdb_error_type type, std::string_view message) {
  switch (type) {
    case DUCKDB_ERROR_INTERRUPT:
      return ErrorCode::Cancelled;
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return ErrorCode::ResourceExhausted;
    case DUCKDB_ERROR_PERMISSION:
      return ErrorCode::PermissionDenied;
    case DUCKDB_ERROR_IO:
      return code_of_io(message);
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
      return ErrorCode::Internal;
    default:  // parser, binder, catalog, conversion, out of range, invalid input: the SQL or the
              // data
      return ErrorCode::InvalidArgument;
  }
}

/// A statement that cannot be prepared gives its message only.
duckdb_error_type type_named_by(std::string_view message) {
  if (message.starts_with("IO Error")) return DUCKDB_ERROR_IO;
  if (message.starts_with("Permission Error")) return DUCKDB_ERROR_PERMISSION;
  if (message.starts_with("Out of Memory Error")) return DUCKDB_ERROR_OUT_OF_MEMORY;
  if (message.starts_with("INTERRUPT Error")) return DUCKDB_ERROR_INTERRUPT;
  if (message.starts_with("INTERNAL Error")) return DUCKDB_ERROR_INTERNAL;
  return DUCKDB_ERROR_INVALID_INPUT;
}

}  // namespace

Error to_error(duckdb_error_type type, std::string_view message) {
  if (type == DUCKDB_ERROR_INVALID) type = type_named_by(message);
  const ErrorCode code = code_of(type, message);
  if (type == DUCKDB_ERROR_OUT_OF_MEMORY) return {code, about_memory(message)};
  return {code, about_csv(message)};
}

Error stopped() {
  return {ErrorCode::Cancelled, "stopped"};
}

}  // namespace provender::offline

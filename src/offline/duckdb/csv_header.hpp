#pragma once

#include <string>
#include <vector>

#include "provender/result.hpp"

namespace provender::offline {

/// The names in the first record of a CSV file (RFC 4180: comma, double quotes; UTF-8, a byte order
/// mark is skipped). InvalidArgument: an empty file, a name that is empty, there twice (whatever
/// the case of its letters) or longer than 64 KiB together.
Result<std::vector<std::string>> read_csv_header(const std::string& path);

/// FROM read_csv(...) of files with these columns, all text, nothing guessed.
std::string csv_scan(const std::vector<std::string>& files,
                     const std::vector<std::string>& columns,
                     bool hive);

}  // namespace provender::offline

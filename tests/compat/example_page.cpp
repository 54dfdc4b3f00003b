#include "compat/example_page.hpp"

#include <charconv>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "base/fs.hpp"

namespace provender {
namespace {

/// The lines between "```HEAD" and "```".
std::string block(std::string_view page, std::string_view head) {
  const auto path = std::filesystem::path(PROVENDER_SOURCE_DIR) / "docs" / "format" / page;
  const auto text = read_file(path);
  EXPECT_TRUE(text) << path;
  if (!text) return "";
  const std::string opening = "```" + std::string(head) + "\n";
  const std::size_t at = text->find(opening);
  EXPECT_NE(at, std::string::npos) << page << " has no block " << head;
  if (at == std::string::npos) return "";
  const std::size_t begin = at + opening.size();
  return text->substr(begin, text->find("```", begin) - begin);
}

}  // namespace

std::string example_bytes(std::string_view page, std::string_view name) {
  std::istringstream lines(block(page, "hex " + std::string(name)));
  std::string bytes;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream digits(line.substr(0, line.find('#')));
    for (std::string byte; digits >> byte;) {
      unsigned value = 0;
      std::from_chars(byte.data(), byte.data() + byte.size(), value, 16);
      EXPECT_EQ(byte.size(), 2) << page << ": " << line;
      bytes.push_back(static_cast<char>(value));
    }
  }
  EXPECT_FALSE(bytes.empty()) << page << " " << name;
  return bytes;
}

std::string example_text(std::string_view page) {
  return block(page, "text");
}

}  // namespace provender

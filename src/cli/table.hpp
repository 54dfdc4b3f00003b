#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/console.hpp"
#include "cli/text.hpp"

namespace provender::cli {

/// One cell: foreign text is made printable when the table is rendered.
struct TableCell {
  TableCell(std::string t, Style s = Style::Plain)  // NOLINT(google-explicit-constructor): a text
      : text(std::move(t)), style(s) {}             // is a cell without further ado
  TableCell(const char* t) : text(t) {}             // NOLINT(google-explicit-constructor): as above

  std::string text;
  Style style = Style::Plain;
};

/// A table of text. On a terminal that is too narrow the widest columns give way, elastic ones
/// first.
class Table {
 public:
  enum class Align : std::uint8_t { Left, Right };
  struct Column {
    std::string title;  ///< no titles at all: no line of titles
    Align align = Align::Left;
    bool elastic = false;  ///< gives way before the others do
  };

  explicit Table(std::vector<Column> columns);

  /// One cell per column.
  void add(std::vector<TableCell> cells);
  bool empty() const { return rows_.empty(); }
  /// Lines, each ended by a newline.
  std::string render(const Terminal& terminal) const;

 private:
  std::vector<std::size_t> widths(std::size_t limit) const;

  std::vector<Column> columns_;
  std::vector<std::vector<TableCell>> rows_;
};

}  // namespace provender::cli

#include "cli/table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace provender::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;  ///< no column is cut to less

/// Takes columns from the widest of those that `may_give` until `excess` is gone, as far as that
/// goes; returns what is left of it.
std::size_t narrow(std::vector<std::size_t>& widths, std::size_t excess, auto may_give) {
  while (excess > 0) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (!may_give(i) || widths[i] <= kNarrowest) continue;
      if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == widths.size()) break;
    --widths[widest];
    --excess;
  }
  return excess;
}

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
  const std::size_t used = display_width(text);
  const std::string space(used < width ? width - used : 0, ' ');
  return align == Table::Align::Right ? space + text : text + space;
}

/// Cuts `text` to its column, pads it, and only then colours it: escapes have no width.
std::string fitted(const TableCell& cell, std::size_t width, Table::Align align, bool colour) {
  const std::string text = truncate(cell.text, width);
  const std::string whole = padded(text, width, align);
  const std::size_t at = align == Table::Align::Right ? whole.size() - text.size() : 0;
  return whole.substr(0, at) + paint(text, cell.style, colour) + whole.substr(at + text.size());
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<TableCell> cells) {
  for (TableCell& cell : cells) {
    cell.text = printable(cell.text);
  }
  cells.resize(columns_.size(), TableCell(""));
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t limit) const {
  std::vector<std::size_t> result;
  for (const Column& column : columns_) {
    result.push_back(display_width(column.title));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      result[i] = std::max(result[i], display_width(row[i].text));
    }
  }
  if (limit == 0) return result;
  const std::size_t total =
      std::accumulate(result.begin(), result.end(), kGap * (result.size() - 1));
  std::size_t excess = total > limit ? total - limit : 0;
  excess = narrow(result, excess, [this](std::size_t i) { return columns_[i].elastic; });
  narrow(result, excess, [](std::size_t) { return true; });
  return result;
}

std::string Table::render(const Terminal& terminal) const {
  const std::vector<std::size_t> width = widths(terminal.width);
  std::string text;
  const auto add_line = [&](const std::vector<TableCell>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line.append(kGap, ' ');
      line += fitted(cells[i], width[i], columns_[i].align, terminal.colour);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  if (std::ranges::any_of(columns_, [](const Column& c) { return !c.title.empty(); })) {
    std::vector<TableCell> titles;
    for (const Column& column : columns_) {
      titles.emplace_back(column.title, Style::Bold);
    }
    add_line(titles);
  }
  for (const auto& row : rows_) {
    add_line(row);
  }
  return text;
}

}  // namespace provender::cli

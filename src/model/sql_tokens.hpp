#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace provender {

/// One word or sign of SQL text.
struct SqlToken {
  enum class Kind : std::uint8_t {
    Word,    ///< a keyword or bare identifier; `text` is lower case, as SQL compares them
    Quoted,  ///< an identifier in double quotes; `text` is its content in lower case
    String,  ///< a text in single quotes or dollars: a path or a value; `text` is empty
    Sign,    ///< any other character
  };
  Kind kind;
  std::string text;

  bool is_sign(char c) const { return kind == Kind::Sign && text.front() == c; }
  bool is_word(std::string_view word) const { return kind == Kind::Word && text == word; }
  bool is_name() const { return kind == Kind::Word || kind == Kind::Quoted; }
};

/// Cuts SQL as DuckDB does; comments and numbers are left out. What is not closed ends with the
/// text.
std::vector<SqlToken> sql_tokens(std::string_view sql);

}  // namespace provender

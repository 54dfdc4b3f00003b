#include "model/sql_tokens.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace provender {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Bytes above ASCII are letters: SQL names may be in any script.
bool is_word_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || byte >= 0x80;
}

class Scanner {
 public:
  explicit Scanner(std::string_view sql) : sql_(sql) {}

  std::vector<SqlToken> run() && {
    while (at_ < sql_.size()) {
      step();
    }
    return std::move(tokens_);
  }

 private:
  using Kind = SqlToken::Kind;

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
  }
  bool sees(std::string_view text) const { return sql_.substr(at_).starts_with(text); }
  void add(Kind kind, std::string text = {}) {
    tokens_.push_back({.kind = kind, .text = std::move(text)});
  }

  void step() {
    const char c = peek();
    if (sees("--")) return skip_line();
    if (sees("/*")) return skip_comment();
    if (c == '\'') return skip_string(/*backslash_escapes=*/false);
    if ((c == 'e' || c == 'E') && peek(1) == '\'') {
      ++at_;
      return skip_string(/*backslash_escapes=*/true);
    }
    if (c == '"') return take_quoted();
    if (c == '$' && skip_dollars()) return;
    if (is_word_letter(c)) return take_word();
    if (is_digit(c)) return skip_number();
    if (c > ' ') add(Kind::Sign, std::string(1, c));
    ++at_;
  }

  void skip_line() { at_ = std::min(sql_.find('\n', at_), sql_.size()); }

  /// Comments nest, as in PostgreSQL's grammar, which DuckDB has taken over.
  void skip_comment() {
    int depth = 0;
    while (at_ < sql_.size()) {
      if (sees("/*")) {
        ++depth;
        at_ += 2;
      } else if (sees("*/")) {
        --depth;
        at_ += 2;
        if (depth == 0) return;
      } else {
        ++at_;
      }
    }
  }

  /// Two quotes in a row stand for one.
  void skip_string(bool backslash_escapes) {
    for (++at_; at_ < sql_.size(); ++at_) {
      if ((backslash_escapes && peek() == '\\') || sees("''")) {
        ++at_;
      } else if (peek() == '\'') {
        ++at_;
        break;
      }
    }
    at_ = std::min(at_, sql_.size());
    add(Kind::String);
  }

  void take_quoted() {
    std::string name;
    for (++at_; at_ < sql_.size(); ++at_) {
      if (sees("\"\"")) {
        ++at_;
      } else if (peek() == '"') {
        ++at_;
        break;
      }
      name += peek();
    }
    add(Kind::Quoted, to_lower(name));
  }

  /// `$$ … $$` or `$tag$ … $tag$`; `$1` and `$name` are parameters.
  bool skip_dollars() {
    std::size_t length = 1;
    while (is_word_letter(peek(length)) || (length > 1 && is_digit(peek(length)))) {
      ++length;
    }
    if (peek(length) != '$') return false;
    const auto tag = sql_.substr(at_, length + 1);
    const auto end = sql_.find(tag, at_ + tag.size());
    at_ = end == std::string_view::npos ? sql_.size() : end + tag.size();
    add(Kind::String);
    return true;
  }

  void take_word() {
    const std::size_t begin = at_;
    while (is_word_letter(peek()) || is_digit(peek()) || peek() == '$') {
      ++at_;
    }
    add(Kind::Word, to_lower(sql_.substr(begin, at_ - begin)));
  }

  /// 12, 1.5, 1e-5, 0x1F, 1_000.
  void skip_number() {
    while (is_digit(peek()) || is_word_letter(peek()) || (peek() == '.' && is_digit(peek(1)))) {
      const bool has_signed_exponent =
          (peek() | 0x20) == 'e' && (peek(1) == '-' || peek(1) == '+') && is_digit(peek(2));
      at_ += has_signed_exponent ? 2 : 1;
    }
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  std::vector<SqlToken> tokens_;
};

}  // namespace

std::vector<SqlToken> sql_tokens(std::string_view sql) {
  return Scanner(sql).run();
}

}  // namespace provender

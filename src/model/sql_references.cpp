#include "model/sql_references.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "model/sql_tokens.hpp"

namespace provender {
namespace {

/// Functions whose arguments are written with FROM: extract(year FROM ts).
bool takes_from(const SqlToken& token) {
  return token.is_word("extract") || token.is_word("substring") || token.is_word("trim") ||
         token.is_word("overlay");
}

/// Words that end a FROM list.
bool ends_from(const SqlToken& token) {
  for (const auto* word : {"select",
                           "where",
                           "group",
                           "having",
                           "window",
                           "qualify",
                           "order",
                           "limit",
                           "offset",
                           "union",
                           "intersect",
                           "except",
                           "values"}) {
    if (token.is_word(word)) return true;
  }
  return false;
}

/// Walks tokens and knows where a table may stand.
class ReferenceFinder {
 public:
  explicit ReferenceFinder(std::vector<SqlToken> tokens) : tokens_(std::move(tokens)) {}

  std::set<std::string> run() && {
    for (; at_ < tokens_.size(); ++at_) {
      step();
    }
    for (const std::string& name : with_queries_) {
      names_.erase(name);
    }
    names_.merge(qualified_);
    return std::move(names_);
  }

 private:
  /// What is known of the text between two parentheses.
  struct Level {
    bool in_from = false;      ///< a comma is followed by another table
    bool in_with = false;      ///< a comma is followed by another WITH query
    bool is_function = false;  ///< FROM is an argument's
    bool expects_table = false;
    bool expects_with_name = false;
  };

  const SqlToken* before() const { return at_ == 0 ? nullptr : &tokens_[at_ - 1]; }
  const SqlToken* after(std::size_t ahead = 1) const {
    return at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
  }
  bool begins_level() const { return before() == nullptr || before()->is_sign('('); }

  void step() {
    const SqlToken& token = tokens_[at_];
    Level& level = levels_.back();
    if (token.is_sign('(')) return open();
    if (token.is_sign(')')) return close();
    if (token.is_sign(',')) {
      level.expects_table = level.in_from;
      level.expects_with_name = level.in_with;
    } else if (token.kind == SqlToken::Kind::Word && step_keyword(token, level)) {
      return;
    } else if (token.is_name()) {
      step_name(level);
    } else {
      level.expects_table = false;
    }
  }

  void open() {
    const Level& outer = levels_.back();
    levels_.push_back({.in_from = outer.expects_table,
                       .is_function = before() != nullptr && takes_from(*before()),
                       .expects_table = outer.expects_table});
  }

  void close() {
    if (levels_.size() > 1) levels_.pop_back();
    levels_.back().expects_table = false;
  }

  bool step_keyword(const SqlToken& token, Level& level) {
    if (token.is_word("with") && begins_level()) {
      level.in_with = level.expects_with_name = true;
      return true;
    }
    if (token.is_word("from")) return step_from(level);
    if (token.is_word("join")) {
      level.in_from = level.expects_table = true;
      return true;
    }
    if (ends_from(token)) {
      level = {.is_function = level.is_function};
      return true;
    }
    return token.is_word("lateral") || token.is_word("recursive");
  }

  bool step_from(Level& level) {
    const bool compares = before() != nullptr && before()->is_word("distinct");  // IS DISTINCT FROM
    if (level.is_function || compares) return true;
    level = {.in_from = true, .expects_table = true};
    return true;
  }

  void step_name(Level& level) {
    if (level.expects_with_name) with_queries_.insert(tokens_[at_].text);
    level.expects_with_name = false;
    if (!level.expects_table) return;
    level.expects_table = false;
    const bool is_qualified = skip_qualifiers();
    const bool is_function = after() != nullptr && after()->is_sign('(');
    if (is_function) return;
    (is_qualified ? qualified_ : names_).insert(tokens_[at_].text);
  }

  /// From `a` in `a.b.c` to `c`.
  bool skip_qualifiers() {
    const std::size_t begin = at_;
    while (after() != nullptr && after()->is_sign('.') && after(2) != nullptr &&
           after(2)->is_name()) {
      at_ += 2;
    }
    return at_ != begin;
  }

  std::vector<SqlToken> tokens_;
  std::size_t at_ = 0;
  std::vector<Level> levels_{Level{}};
  std::set<std::string> names_;
  std::set<std::string> qualified_;  ///< with a schema: never a WITH query
  std::set<std::string> with_queries_;
};

/// Which SQL views read which, and walks over them.
class ViewGraph {
 public:
  explicit ViewGraph(const Definitions& definitions) {
    for (const SqlView& view : definitions.sql_views) {
      by_name_.emplace(to_lower(view.name), &view);
    }
  }

  std::vector<const SqlView*> read_by(std::string_view sql) const {
    std::vector<const SqlView*> views;
    for (const std::string& name : referenced_tables(sql)) {
      const auto found = by_name_.find(name);
      if (found != by_name_.end()) views.push_back(found->second);
    }
    return views;
  }

  const SqlView* find(std::string_view name) const {
    const auto found = by_name_.find(to_lower(name));
    return found == by_name_.end() ? nullptr : found->second;
  }

  /// Visits `view` and what it reads, depth first.
  void visit(const SqlView& view) {
    const auto on_path = std::ranges::find(path_, &view);
    if (on_path != path_.end()) {
      cycles_.emplace_back(on_path, path_.end());
      return;
    }
    if (!visited_.insert(&view).second) return;
    path_.push_back(&view);
    for (const SqlView* read : read_by(view.sql)) {
      visit(*read);
    }
    path_.pop_back();
    finished_.push_back(&view);
  }

  std::vector<const SqlView*> finished() && { return std::move(finished_); }
  std::vector<std::vector<const SqlView*>> cycles() && { return std::move(cycles_); }

 private:
  std::map<std::string, const SqlView*> by_name_;
  std::set<const SqlView*> visited_;
  std::vector<const SqlView*> path_;
  std::vector<const SqlView*> finished_;
  std::vector<std::vector<const SqlView*>> cycles_;
};

}  // namespace

std::set<std::string> referenced_tables(std::string_view sql) {
  return ReferenceFinder(sql_tokens(sql)).run();
}

std::vector<const SqlView*> needed_sql_views(const Definitions& definitions, const Source& source) {
  ViewGraph graph(definitions);
  if (source.kind == Source::Kind::View) {
    if (const SqlView* const view = graph.find(source.text)) graph.visit(*view);
  }
  if (source.kind == Source::Kind::Sql) {
    for (const SqlView* view : graph.read_by(source.text)) {
      graph.visit(*view);
    }
  }
  return std::move(graph).finished();
}

std::vector<std::vector<const SqlView*>> cycles_of_sql_views(const Definitions& definitions) {
  ViewGraph graph(definitions);
  for (const SqlView& view : definitions.sql_views) {
    graph.visit(view);
  }
  return std::move(graph).cycles();
}

}  // namespace provender

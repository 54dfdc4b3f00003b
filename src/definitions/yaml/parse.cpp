#include <exception>
#include <map>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "definitions/yaml/node.hpp"
#include "definitions/yaml/source_text.hpp"

namespace provender::definitions::yaml {
namespace {

/// Far above any real project, far below what a few nested aliases could make ("billion laughs").
constexpr std::size_t kMaxNodes = 1'000'000;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const auto& item : node.items) {
    count += count_nodes(item);
  }
  for (const auto& member : node.members) {
    count += count_nodes(member.key) + count_nodes(member.value);
  }
  return count;
}

/// Builds the tree from the parser's events. Throws YAML::ParserException, which `parse` catches.
class TreeBuilder final : public YAML::EventHandler {
 public:
  /// `text` is what is parsed; it must outlive the builder.
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  /// The list or map that is being read.
  const Node* innermost() const { return open_.empty() ? nullptr : &open_.back().node; }
  Node take_root() { return std::move(root_); }
  const YAML::Mark& document_start() const { return document_start_; }

  void OnDocumentStart(const YAML::Mark& mark) override { document_start_ = mark; }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    place(make(Node::Kind::Null, mark), anchor, mark);
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = make(Node::Kind::Scalar, mark);
    node.text = value;
    if (tag != "?" && !tag.empty()) {
      refuse_unknown(tag, mark);
      if (tag == "!" || tag == "tag:yaml.org,2002:str") node.style = Node::Style::Quoted;
      if (has_open_quote(text_, static_cast<std::size_t>(mark.pos))) {
        throw YAML::ParserException(mark, "the quote that begins here is not closed");
      }
    }
    place(std::move(node), anchor, mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchored_.find(anchor);
    if (found == anchored_.end()) {
      throw YAML::ParserException(mark, "an alias inside of what it stands for");
    }
    Node copy = found->second;
    nodes_ += count_nodes(copy);
    if (nodes_ > kMaxNodes) {
      throw YAML::ParserException(mark, "aliases expand to over 1000000 values");
    }
    place(std::move(copy), 0, mark);
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    refuse_unknown(tag, mark);
    open_.push_back({make(Node::Kind::List, mark), {}, anchor, mark});
  }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    refuse_unknown(tag, mark);
    open_.push_back({make(Node::Kind::Map, mark), {}, anchor, mark});
  }

  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  /// A list or map whose end has not come yet.
  struct Open {
    Node node;
    std::optional<Node> key;  ///< of a map: a key that waits for its value
    YAML::anchor_t anchor;
    YAML::Mark mark;
  };

  Node make(Node::Kind kind, const YAML::Mark& mark) {
    if (++nodes_ > kMaxNodes) throw YAML::ParserException(mark, "more than 1000000 values");
    Node node;
    node.kind = kind;
    node.line = mark.line + 1;
    return node;
  }

  static void refuse_unknown(const std::string& tag, const YAML::Mark& mark) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    throw YAML::ParserException(mark,
                                fmt::format("the tag '{}' means nothing here: remove it", tag));
  }

  void place(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (anchor != 0) anchored_.insert_or_assign(anchor, node);
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is(Node::Kind::List)) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.key) {
      // What is left out is reported where the next thing begins.
      if (node.is(Node::Kind::Null)) node.line = parent.key->line;
      parent.node.members.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
    } else {
      if (node.is(Node::Kind::List) || node.is(Node::Kind::Map)) {
        throw YAML::ParserException(mark,
                                    "a list or map as a key (a value with braces needs quotes)");
      }
      parent.key = std::move(node);
    }
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done.node), done.anchor, done.mark);
  }

  std::string_view text_;
  Node root_;
  YAML::Mark document_start_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Node> anchored_;
  std::size_t nodes_ = 0;
};

/// What yaml-cpp's terse message means for who wrote the line; `open` is the innermost list or map
/// around it.
std::string explain(const std::string& message, std::string_view line, const Node* open) {
  namespace Msg = YAML::ErrorMsg;
  const std::size_t indentation = line.find_first_not_of(" \t");
  if (line.substr(0, indentation).find('\t') != std::string_view::npos) {
    return "a tab in the indentation: indent with spaces";
  }
  const int from = open == nullptr ? 0 : open->line;
  if (message == Msg::END_OF_MAP_FLOW) {
    return fmt::format("expected ',' or '}}' in the map that begins with '{{' on line {}", from);
  }
  if (message == Msg::END_OF_SEQ_FLOW) {
    return fmt::format("expected ',' or ']' in the list that begins with '[' on line {}", from);
  }
  if (message == Msg::END_OF_MAP || message == Msg::END_OF_SEQ) {
    return fmt::format(
        "the indentation fits neither the {} that begins on line {} nor what is around it",
        message == Msg::END_OF_MAP ? "map" : "list",
        from);
  }
  if (message == Msg::MAP_VALUE || message == Msg::MAP_KEY) {
    return "a ':' that begins no value here: check the indentation, or quote a text that holds ': "
           "'";
  }
  if (message == Msg::FLOW_END) {
    return "a ']' or '}' that closes nothing: it opens nowhere, or with the other kind of bracket";
  }
  if (message == Msg::UNKNOWN_TOKEN) return "a text cannot begin with this sign: put it in quotes";
  if (message == Msg::EOF_IN_SCALAR) return "a quote is not closed before the end of the file";
  if (message == Msg::BLOCK_ENTRY) {
    return "a '-' that begins no list item here: check the indentation";
  }
  if (message == Msg::UNKNOWN_ANCHOR) {
    return "an alias (*name) of an anchor (&name) that is not there before it";
  }
  return message;
}

}  // namespace

std::optional<Node> parse(std::string_view text,
                          const std::string& file,
                          std::vector<Problem>& problems) {
  if (auto problem = problem_with_bytes(text, file)) {
    problems.push_back(*std::move(problem));
    return std::nullopt;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  TreeBuilder first(text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(first)) return Node{};
    TreeBuilder second(text);
    if (parser.HandleNextDocument(second)) {
      throw YAML::ParserException(second.document_start(),
                                  "a second document (---): one file holds one document");
    }
    return first.take_root();
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
    problems.push_back({{.file = file, .line = line},
                        fmt::format("not valid YAML: {}",
                                    explain(error.msg, line_of(text, line), first.innermost()))});
  } catch (const std::exception& error) {
    problems.push_back(
        {{.file = file, .line = 0}, fmt::format("not valid YAML: {}", error.what())});
  }
  return std::nullopt;
}

}  // namespace provender::definitions::yaml

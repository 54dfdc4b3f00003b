#include "http/request_reader.hpp"

#include <optional>
#include <vector>

#include <boost/beast/http/basic_parser.hpp>
#include <fmt/format.h>

#include "http/input_buffer.hpp"

namespace provender::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;
using beast::http::error;

constexpr std::size_t kReadSize = std::size_t{4} << 10;
constexpr std::size_t kKeptCapacity = std::size_t{64} << 10;
constexpr std::size_t kChunkLineLimit = std::size_t{4}
                                        << 10;  ///< a chunk's size line, or the trailers
constexpr std::size_t kShortestChunkedEnd = 5;  ///< "0\r\n\r\n"

Refusal malformed(std::string message) {
  return {.status = 400,
          .code = ErrorCode::InvalidArgument,
          .message = "malformed request: " + std::move(message)};
}

/// Where a part of the header stands, counted from the first byte of the request: addresses change
/// as more is read.
struct Slice {
  std::size_t at = 0;
  std::size_t size = 0;
};

struct FieldSlice {
  Slice name;
  Slice value;
};

struct Head {
  Slice method;
  Slice target;
  std::vector<FieldSlice> fields;
  int version = 11;
  unsigned hosts = 0;
  unsigned lengths = 0;
  bool expects_continue = false;
  std::optional<Refusal> refusal;  ///< ours, more exact than the parser's error

  void reset() {
    fields.clear();
    version = 11;
    hosts = lengths = 0;
    expects_continue = false;
    refusal.reset();
  }
};

/// Beast reads the grammar; what it lets pass and we don't is refused here.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  HeadParser(Head& head, const Limits& limits) : head_(head), limits_(limits) {
    body_limit(limits.body_bytes);
    header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  }

  /// Parses more of the request that begins at `start`; returns how many bytes after `from` were
  /// used.
  std::size_t parse(char* start, std::string_view from, error_code& ec) {
    start_ = start;
    received_end_ = from.data() + from.size();
    return put(boost::asio::buffer(from.data(), from.size()), ec);
  }

  /// From now on the bodies of chunks are moved together at this place behind `start`.
  void join_chunks_at(std::size_t at) {
    joined_end_ = at;
    eager(true);
  }
  std::size_t joined_end() const noexcept { return joined_end_; }

 private:
  using View = beast::string_view;

  Slice slice(View text) const noexcept {
    return {.at = static_cast<std::size_t>(text.data() - start_), .size = text.size()};
  }

  void refuse(Refusal refusal, error_code& ec) {
    head_.refusal = std::move(refusal);
    ec = error::bad_value;
  }

  void on_request_impl(
      beast::http::verb /*verb*/, View method, View target, int version, error_code& ec) override {
    head_.method = slice(method);
    head_.target = slice(target);
    head_.version = version;
    const auto is_plain = [](char c) { return c > ' ' && c < 0x7f && c != '#'; };
    if (!target.starts_with('/') || !std::ranges::all_of(target, is_plain)) {
      refuse(malformed("the target must be a path in ASCII that begins with '/'"), ec);
    }
  }

  void on_field_impl(beast::http::field field, View name, View value, error_code& ec) override {
    if (joined_end_ != 0) return;  // a trailer: nobody asked for it
    if (is_folded(name, value)) {
      return refuse(malformed("a header field is folded over several lines"), ec);
    }
    if (head_.fields.size() >= limits_.header_count) {
      return refuse({.status = 431,
                     .code = ErrorCode::ResourceExhausted,
                     .message = fmt::format("more than {} header fields", limits_.header_count)},
                    ec);
    }
    head_.fields.push_back({.name = slice(name), .value = slice(value)});
    check_framing(field, value, ec);
  }

  /// Beast joins folded lines elsewhere, or skips the line ends before the value.
  bool is_folded(View name, View value) const noexcept {
    const char* const after_colon = name.data() + name.size() + 1;
    const std::less<const char*> before;
    if (before(value.data(), after_colon) || before(received_end_, value.data())) return true;
    return std::ranges::any_of(after_colon, value.data(), [](char c) { return c == '\r'; });
  }

  void check_framing(beast::http::field field, View value, error_code& ec) {
    using enum beast::http::field;
    if (field == host) {
      ++head_.hosts;
    } else if (field == content_length) {
      if (++head_.lengths > 1 || value.contains(',')) {
        refuse(malformed("several Content-Length"), ec);
      }
    } else if (field == transfer_encoding) {
      if (head_.version < 11) {
        refuse(malformed("Transfer-Encoding in HTTP/1.0"), ec);
      } else if (!same_name(value, "chunked")) {
        refuse(malformed("Transfer-Encoding must be 'chunked' alone"), ec);
      }
    } else if (field == expect && head_.version >= 11) {
      if (same_name(value, "100-continue")) {
        head_.expects_continue = true;
      } else {
        refuse({.status = 417,
                .code = ErrorCode::InvalidArgument,
                .message = "Expect can only be '100-continue'"},
               ec);
      }
    }
  }

  void on_header_impl(error_code& ec) override {
    if (head_.hosts > 1) refuse(malformed("several Host fields"), ec);
    if (head_.hosts == 0 && head_.version >= 11) refuse(malformed("no Host field"), ec);
  }

  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, View part, error_code& /*ec*/) override {
    std::memmove(start_ + joined_end_, part.data(), part.size());
    joined_end_ += part.size();
    return part.size();
  }

  void on_response_impl(int /*code*/,
                        View /*reason*/,
                        int /*version*/,
                        error_code& /*ec*/) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                         error_code& /*ec*/) override {}
  std::size_t on_body_impl(View body, error_code& /*ec*/) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t /*size*/,
                            View /*extension*/,
                            error_code& /*ec*/) override {}
  void on_finish_impl(error_code& /*ec*/) override {}

  Head& head_;
  const Limits& limits_;
  char* start_ = nullptr;
  const char* received_end_ = nullptr;
  std::size_t joined_end_ = 0;
};

/// Whether the first line ends in a version of HTTP, which then is not ours.
bool names_version(std::string_view text) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view line = text.substr(0, text.find("\r\n"));
  if (line.size() < 9) return false;
  const std::string_view end = line.substr(line.size() - 9);
  return end.starts_with(" HTTP/") && is_digit(end[6]) && end[7] == '.' && is_digit(end[8]);
}

}  // namespace

struct RequestReader::Impl {
  explicit Impl(const Limits& request_limits) : limits(request_limits) {
    parser.emplace(head, limits);
  }

  State refuse(Refusal why) {
    head.refusal = std::move(why);
    return state = State::Refused;
  }
  State refuse(error_code ec);
  State refuse_header();
  State read_header();
  State read_body();
  State finish(std::size_t body_end);

  const Limits& limits;
  InputBuffer buffer;
  Head head;
  std::optional<HeadParser> parser;  ///< good for one request
  State state = State::Idle;
  std::size_t parsed = 0;      ///< bytes of this request that the parser is done with
  std::size_t header_end = 0;  ///< 0 until the header is whole
  std::size_t end = 0;         ///< of the request, once it is ready
  std::vector<Field> fields;
  Request request;
};

RequestReader::State RequestReader::Impl::refuse(error_code ec) {
  if (head.refusal) return state = State::Refused;
  if (ec == error::header_limit) return refuse_header();
  if (ec == error::body_limit) {
    return refuse({.status = 413,
                   .code = ErrorCode::ResourceExhausted,
                   .message = fmt::format("the body is over {} bytes", limits.body_bytes)});
  }
  if (ec == error::bad_version && names_version(buffer.view())) {
    return refuse({.status = 505,
                   .code = ErrorCode::Unimplemented,
                   .message = "only HTTP/1.1 and HTTP/1.0 are spoken"});
  }
  return refuse(malformed(ec.message()));
}

RequestReader::State RequestReader::Impl::refuse_header() {
  return refuse({.status = 431,
                 .code = ErrorCode::ResourceExhausted,
                 .message = fmt::format("the header is over {} bytes", limits.header_bytes)});
}

RequestReader::State RequestReader::Impl::read_header() {
  // RFC 9112 2.2: empty lines before a request are to be forgiven.
  while (parsed == 0 && buffer.view().starts_with("\r\n")) {
    buffer.consume(2);
  }
  const std::string_view held = buffer.view();
  if (held.empty()) return state = State::Idle;
  if (held == "\r") return state = State::Header;
  error_code ec;
  parsed += parser->parse(buffer.data(), held.substr(parsed), ec);
  if (ec == error::need_more) {
    return held.size() >= limits.header_bytes ? refuse_header() : state = State::Header;
  }
  if (ec) return refuse(ec);
  if (parsed > limits.header_bytes) return refuse_header();
  header_end = parsed;
  if (parser->chunked()) parser->join_chunks_at(header_end);
  return read_body();
}

RequestReader::State RequestReader::Impl::read_body() {
  if (!parser->chunked()) {
    const std::size_t whole = header_end + parser->content_length().value_or(0);
    return buffer.view().size() < whole ? state = State::Body : finish(whole);
  }
  // Beast asserts that it is not asked again about fewer bytes than the shortest end has.
  if (buffer.view().size() - parsed < kShortestChunkedEnd) return state = State::Body;
  error_code ec;
  parsed += parser->parse(buffer.data(), buffer.view().substr(parsed), ec);
  buffer.erase(parser->joined_end(), parsed - parser->joined_end());
  parsed = parser->joined_end();
  if (parser->is_done()) return finish(parsed);
  if (ec && ec != error::need_more) return refuse(ec);
  if (buffer.view().size() - parsed > kChunkLineLimit) {
    return refuse(malformed(
        fmt::format("a chunk's size line or the trailers are over {} bytes", kChunkLineLimit)));
  }
  return state = State::Body;
}

RequestReader::State RequestReader::Impl::finish(std::size_t body_end) {
  end = body_end;
  const std::string_view held = buffer.view();
  const auto text = [held](Slice slice) { return held.substr(slice.at, slice.size); };
  fields.clear();
  for (const FieldSlice& field : head.fields) {
    fields.push_back({.name = text(field.name), .value = text(field.value)});
  }
  const std::string_view target = text(head.target);
  const std::size_t question = target.find('?');
  request = {.method = text(head.method),
             .path = target.substr(0, question),
             .query = question == std::string_view::npos ? std::string_view()
                                                         : target.substr(question + 1),
             .fields = fields,
             .body = held.substr(header_end, end - header_end)};
  return state = State::Ready;
}

RequestReader::RequestReader(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::~RequestReader() = default;

std::span<char> RequestReader::room() {
  return impl_->buffer.room(kReadSize);
}

void RequestReader::commit(std::size_t count) {
  impl_->buffer.commit(count);
}

RequestReader::State RequestReader::advance() {
  if (impl_->state == State::Ready || impl_->state == State::Refused) return impl_->state;
  return impl_->header_end == 0 ? impl_->read_header() : impl_->read_body();
}

const Request& RequestReader::request() const noexcept {
  return impl_->request;
}

bool RequestReader::is_http_1_0() const noexcept {
  return impl_->head.version < 11;
}

bool RequestReader::keep_alive() const noexcept {
  return impl_->parser->keep_alive();
}

bool RequestReader::has_more() const noexcept {
  return impl_->buffer.view().size() > impl_->end;
}

void RequestReader::next() {
  impl_->buffer.consume(impl_->end);
  impl_->buffer.shrink(kKeptCapacity);
  impl_->head.reset();
  impl_->parser.emplace(impl_->head, impl_->limits);
  impl_->parsed = impl_->header_end = impl_->end = 0;
  impl_->state = State::Idle;
}

bool RequestReader::take_expectation() noexcept {
  return std::exchange(impl_->head.expects_continue, false);
}

const Refusal& RequestReader::refusal() const noexcept {
  return *impl_->head.refusal;
}

std::size_t RequestReader::capacity() const noexcept {
  return impl_->buffer.capacity();
}

void RequestReader::discard() {
  impl_->buffer.consume(impl_->buffer.view().size());
  impl_->buffer.shrink(kReadSize);
}

}  // namespace provender::http

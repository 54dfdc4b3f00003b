#include "http/request_reader.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "http/encode.hpp"

namespace provender::http {
namespace {

using State = RequestReader::State;

void put(RequestReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = reader.room();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::ranges::copy(bytes.substr(0, count), room.begin());
    reader.commit(count);
    bytes.remove_prefix(count);
  }
}

/// What came out of a stream of bytes: each request as text, then the status of a refusal.
struct Outcome {
  std::vector<std::string> requests;
  int refused = 0;
  bool operator==(const Outcome&) const = default;
};

std::string describe(const Request& request) {
  std::string text = std::string(request.method) + " " + std::string(request.path) + "?" +
                     std::string(request.query);
  for (const Field& field : request.fields) {
    text.append("|").append(field.name).append("=").append(field.value);
  }
  return text.append("|").append(request.body);
}

void take(RequestReader& reader, Outcome& outcome) {
  while (reader.advance() == State::Ready) {
    outcome.requests.push_back(describe(reader.request()));
    reader.next();
  }
  if (reader.advance() == State::Refused) outcome.refused = reader.refusal().status;
}

/// Feeds `bytes` in pieces whose sizes come from `next_size`.
template <class NextSize>
Outcome read_in_pieces(std::string_view bytes, const Limits& limits, NextSize next_size) {
  RequestReader reader(limits);
  Outcome outcome;
  while (!bytes.empty() && outcome.refused == 0) {
    const std::size_t size = std::min<std::size_t>(next_size(), bytes.size());
    put(reader, bytes.substr(0, size));
    bytes.remove_prefix(size);
    take(reader, outcome);
  }
  return outcome;
}

Outcome read_whole(std::string_view bytes, const Limits& limits = {}) {
  return read_in_pieces(bytes, limits, [&] { return bytes.size(); });
}

Outcome read_bytewise(std::string_view bytes, const Limits& limits = {}) {
  return read_in_pieces(bytes, limits, [] { return std::size_t{1}; });
}

TEST(RequestReader, GivesTheFieldsAndTheBody) {
  const Limits limits;
  RequestReader reader(limits);
  put(reader,
      "POST /a/b?x=1?2 HTTP/1.1\r\nHost: h\r\nX-One:  two words \t\r\nContent-Length: "
      "3\r\n\r\nabcGET");
  ASSERT_EQ(reader.advance(), State::Ready);
  const Request& request = reader.request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "x=1?2");
  EXPECT_EQ(request.header("x-oNE"), "two words");
  EXPECT_EQ(request.header("absent"), std::nullopt);
  EXPECT_EQ(request.body, "abc");
  EXPECT_TRUE(reader.keep_alive());
  EXPECT_FALSE(reader.is_http_1_0());
  EXPECT_TRUE(reader.has_more());
  reader.next();
  EXPECT_EQ(reader.advance(), State::Header);
}

TEST(RequestReader, JoinsChunksAndDropsExtensionsAndTrailers) {
  const std::string_view bytes =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "4;a=b\r\nWiki\r\n5;c=\"d\"\r\npedia\r\n00E\r\n in\r\n\r\nchunks.\r\n0\r\nTrailer: "
      "dropped\r\n\r\n"
      "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
  const Outcome expected = {
      .requests = {"POST /?|Host=h|Transfer-Encoding=Chunked|Wikipedia in\r\n\r\nchunks.",
                   "GET /next?|Host=h|"}};
  EXPECT_EQ(read_whole(bytes), expected);
  EXPECT_EQ(read_bytewise(bytes), expected);
}

TEST(RequestReader, ReadsAnEmptyChunkedBodyByteByByte) {
  const Outcome expected = {.requests = {"POST /?|Host=h|Transfer-Encoding=chunked|"}};
  EXPECT_EQ(
      read_bytewise("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      expected);
}

TEST(RequestReader, ForgivesEmptyLinesBeforeARequest) {
  const Outcome expected = {.requests = {"GET /?|Host=h|", "GET /?|Host=h|"}};
  const std::string_view bytes =
      "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(read_whole(bytes), expected);
  EXPECT_EQ(read_bytewise(bytes), expected);
}

TEST(RequestReader, KnowsWhoWantsToStay) {
  const auto keeps = [](std::string_view bytes) {
    const Limits limits;
    RequestReader reader(limits);
    put(reader, bytes);
    EXPECT_EQ(reader.advance(), State::Ready) << bytes;
    return reader.keep_alive();
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(RequestReader, TellsOnceOfAClientThatWaitsToSendItsBody) {
  const Limits limits;
  RequestReader reader(limits);
  put(reader, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n");
  ASSERT_EQ(reader.advance(), State::Body);
  EXPECT_TRUE(reader.take_expectation());
  EXPECT_FALSE(reader.take_expectation());
}

struct BadRequest {
  std::string name;
  std::string bytes;
  int status = 400;
};

class Refuses : public testing::TestWithParam<BadRequest> {};

TEST_P(Refuses, WholeAndByteByByte) {
  const Limits limits{.header_bytes = 1024, .header_count = 4, .body_bytes = 10};
  const std::string bytes = GetParam().bytes + "\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  const Outcome expected = {.requests = {}, .refused = GetParam().status};
  EXPECT_EQ(read_whole(bytes, limits), expected);
  EXPECT_EQ(read_bytewise(bytes, limits), expected);
}

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(fields);
}
std::string chunked(std::string_view body) {
  return get("Transfer-Encoding: chunked\r\n\r\n") + std::string(body);
}

INSTANTIATE_TEST_SUITE_P(
    RequestReader,
    Refuses,
    testing::Values(
        BadRequest{"Garbage", "\x16\x03\x01"},
        BadRequest{"NoVersion", "GET /"},
        BadRequest{"Http09", "GET / HTTP"},
        BadRequest{"OtherProtocol", "GET / HTTQ/1.1\r\nHost: h"},
        BadRequest{"NewerVersion", "PRI * HTTP/2.0", 505},
        BadRequest{"UnknownMinorVersion", "GET / HTTP/1.2\r\nHost: h", 505},
        BadRequest{"SpaceAfterVersion", "GET / HTTP/1.1 \r\nHost: h"},
        BadRequest{"TwoSpaces", "GET  / HTTP/1.1\r\nHost: h"},
        BadRequest{"AbsoluteTarget", "GET http://h/ HTTP/1.1\r\nHost: h"},
        BadRequest{"AuthorityTarget", "CONNECT h:80 HTTP/1.1\r\nHost: h"},
        BadRequest{"AsteriskTarget", "OPTIONS * HTTP/1.1\r\nHost: h"},
        BadRequest{"TargetWithFragment", "GET /#a HTTP/1.1\r\nHost: h"},
        BadRequest{"TargetOfOtherBytes", "GET /\xc3\xa9 HTTP/1.1\r\nHost: h"},
        BadRequest{"MissingHost", "GET / HTTP/1.1\r\nAccept: x"},
        BadRequest{"SeveralHosts", get("Host: h")},
        BadRequest{"SeveralHostsInOldVersion", "GET / HTTP/1.0\r\nHost: h\r\nHost: i"},
        BadRequest{"LengthAndEncoding", get("Content-Length: 1\r\nTransfer-Encoding: chunked")},
        BadRequest{"EncodingAndLength", get("Transfer-Encoding: chunked\r\nContent-Length: 1")},
        BadRequest{"DifferingLengths", get("Content-Length: 1\r\nContent-Length: 2")},
        BadRequest{"RepeatedLength", get("Content-Length: 1\r\nContent-Length: 1")},
        BadRequest{"ListOfLengths", get("Content-Length: 1, 1")},
        BadRequest{"SignedLength", get("Content-Length: +1")},
        BadRequest{"NegativeLength", get("Content-Length: -1")},
        BadRequest{"HexLength", get("Content-Length: 0x1")},
        BadRequest{"EmptyLength", get("Content-Length:")},
        BadRequest{"OverflowingLength", get("Content-Length: 18446744073709551617")},
        BadRequest{"OtherEncoding", get("Transfer-Encoding: gzip")},
        BadRequest{"IdentityEncoding", get("Transfer-Encoding: identity")},
        BadRequest{"EncodingBeforeChunked", get("Transfer-Encoding: gzip, chunked\r\n\r\n0")},
        BadRequest{"EncodingAfterChunked", get("Transfer-Encoding: chunked, identity")},
        BadRequest{"RepeatedEncoding",
                   get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0")},
        BadRequest{"EncodingInOldVersion",
                   "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0"},
        BadRequest{"FoldedField", get("A: b\r\n c")},
        BadRequest{"FoldedEmptyField", get("A:\r\n b")},
        BadRequest{"FoldedLength", get("Content-Length:\r\n 1")},
        BadRequest{"SpaceBeforeColon", get("A : b")},
        BadRequest{"SpaceBeforeFirstField", "GET / HTTP/1.1\r\n Host: h"},
        BadRequest{"EmptyName", get(": b")},
        BadRequest{"NoColon", get("A")},
        BadRequest{"NulInName", get(std::string("A\0: b", 5))},
        BadRequest{"NulInValue", get(std::string("A: \0", 4))},
        BadRequest{"ControlInValue", get("A: \x01")},
        BadRequest{"BareLineFeed", get("A: b\nC: d")},
        BadRequest{"BareCarriageReturn", get("A: b\rC: d")},
        BadRequest{"OtherExpectation", get("Expect: a pony"), 417},
        BadRequest{"LongTarget", "GET /" + std::string(2000, 'a') + " HTTP/1.1\r\nHost: h", 431},
        BadRequest{"LongField", get("A: " + std::string(2000, 'a')), 431},
        BadRequest{"LongHeaderOfShortFields",
                   get("A: " + std::string(500, 'a') + "\r\nB: " + std::string(600, 'b')),
                   431},
        BadRequest{"TooManyFields", get("A: a\r\nB: b\r\nC: c\r\nD: d"), 431},
        BadRequest{"LongBody", get("Content-Length: 11"), 413},
        BadRequest{"LongChunk", chunked("b\r\n"), 413},
        BadRequest{"LongChunksTogether", chunked("6\r\nabcdef\r\n5\r\nabcde"), 413},
        BadRequest{"ChunkWithoutSize", chunked("\r\n")},
        BadRequest{"ChunkOfNegativeSize", chunked("-1\r\n")},
        BadRequest{"ChunkSizeWithPrefix", chunked("0x1\r\na")},
        BadRequest{"ChunkSizeWithSpace", chunked("1 \r\na")},
        BadRequest{"ChunkOfOverflowingSize", chunked("ffffffffffffffff1\r\na")},
        BadRequest{"ChunkLineByLineFeed", chunked("1\na\r\n0\r\n")},
        BadRequest{"ChunkLongerThanItsSize", chunked("1\r\nab\r\n0\r\n")},
        BadRequest{"LengthInTrailers", chunked("0\r\nContent-Length: 1")}),
    [](const auto& test) { return test.param.name; });

TEST(RequestReader, TakesWhatIsExactlyAtTheLimits) {
  std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nA: ";
  constexpr std::size_t kHeader = 256;
  bytes.append(kHeader - 4 - bytes.size(), 'a').append("\r\n\r\n").append("0123456789");
  const Limits limits{.header_bytes = kHeader, .header_count = 3, .body_bytes = 10};
  EXPECT_EQ(read_whole(bytes, limits).requests.size(), 1U);
  EXPECT_EQ(read_bytewise(bytes, limits).requests.size(), 1U);
  const Limits less{.header_bytes = kHeader - 1, .header_count = 3, .body_bytes = 10};
  EXPECT_EQ(read_whole(bytes, less).refused, 431);
  EXPECT_EQ(read_bytewise(bytes, less).refused, 431);
}

TEST(RequestReader, RefusesAHeaderAsSoonAsItCannotEndWithinTheLimit) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\n";
  while (bytes.size() < 256) {
    bytes += "A: b\r\n";
  }
  const Limits limits{.header_bytes = bytes.size()};
  EXPECT_EQ(read_whole(bytes, limits).refused, 431);
  EXPECT_EQ(read_bytewise(bytes, limits).refused, 431);
}

TEST(RequestReader, RefusesChunkLinesAndTrailersWithoutEnd) {
  for (const std::string_view start : {"1;a=", "0\r\nA: "}) {
    const Outcome expected = {.requests = {}, .refused = 400};
    EXPECT_EQ(read_whole(chunked(start) + std::string(5000, 'a')), expected) << start;
    EXPECT_EQ(read_bytewise(chunked(start) + std::string(5000, 'a')), expected) << start;
  }
}

TEST(RequestReader, GivesLargeMemoryBack) {
  const Limits limits;
  RequestReader reader(limits);
  put(reader,
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" +
          std::string(1'000'000, 'x'));
  ASSERT_EQ(reader.advance(), State::Ready);
  EXPECT_GE(reader.capacity(), 1'000'000U);
  reader.next();
  EXPECT_LE(reader.capacity(), 65'536U);
}

TEST(RequestReader, HoldsNoMoreOfTinyChunksThanTheirBytes) {
  const Limits limits;
  RequestReader reader(limits);
  put(reader, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 10'000; ++i) {
    put(reader, "1\r\nx\r\n");
    ASSERT_EQ(reader.advance(), State::Body);
  }
  EXPECT_LE(reader.capacity(), 32'768U);
}

/// Bytes near to those of requests: pieces of some, with bytes changed, lost and repeated.
std::string mutate(std::mt19937& random) {
  static const std::vector<std::string> seeds = {
      "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
      std::string("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n") +
          "4;x=y\r\nWiki\r\n0\r\nA: b\r\n\r\n",
      "GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nA:\r\n b\r\n\r\n",
      "\r\n",
  };
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  static constexpr std::string_view kTelling("\r\n :,;0aF\0\t\"", 12);
  std::string bytes;
  for (std::size_t i = 0, n = 1 + below(4); i < n; ++i) {
    bytes += seeds[below(seeds.size())];
  }
  for (std::size_t i = 0, n = below(4); i < n && !bytes.empty(); ++i) {
    const std::size_t at = below(bytes.size());
    switch (below(4)) {
      case 0:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 1:
        bytes.erase(at, 1 + below(8));
        break;
      case 2:
        bytes.insert(at, 1, kTelling[below(kTelling.size())]);
        break;
      default:
        bytes.insert(at, bytes.substr(below(bytes.size()), below(20)));
        break;
    }
  }
  return bytes;
}

TEST(RequestReader, ReadsMutatedBytesTheSameHoweverTheyAreCut) {
  const Limits limits{.header_bytes = 512, .header_count = 8, .body_bytes = 64};
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    std::mt19937 random(seed);
    const std::string bytes = mutate(random);
    const Outcome whole = read_whole(bytes, limits);
    const Outcome cut = read_in_pieces(bytes, limits, [&] { return 1 + random() % 8; });
    ASSERT_EQ(whole.requests, cut.requests)
        << "seed " << seed << ": " << testing::PrintToString(bytes);
    // What is wrong in a header that is not whole may be seen earlier or later.
    ASSERT_TRUE(cut.refused == 0 || whole.refused != 0)
        << "seed " << seed << ": " << testing::PrintToString(bytes);
  }
}

TEST(Response, CannotBeSplitByAValue) {
  Response response;
  response.add_header("Location", "/a\r\nSet-Cookie: b");
  EXPECT_EQ(response.fields, "Location: /a  Set-Cookie: b\r\n");
}

TEST(Response, HasAHeadInItsExactForm) {
  Response response;
  response.status = 404;
  response.body = "{}";
  response.add_header("Allow", "GET");
  const std::string date = date_line(std::chrono::sys_seconds(std::chrono::seconds(784'111'777)));
  EXPECT_EQ(date, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  std::string head;
  append_head(head, response, {.date = date});
  EXPECT_EQ(head,
            "HTTP/1.1 404 Not Found\r\n" + date +
                "Content-Type: application/json\r\nContent-Length: 2\r\nAllow: GET\r\n\r\n");
  response.reset();
  response.status = 204;
  head.clear();
  append_head(head, response, {.date = date, .keep_alive = false});
  EXPECT_EQ(head, "HTTP/1.1 204 No Content\r\n" + date + "Connection: close\r\n\r\n");
}

TEST(Response, ToARefusalIsTheErrorForm) {
  Response response;
  write_refusal({.status = 400, .code = ErrorCode::InvalidArgument, .message = "a \"b\""},
                response);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"error":{"code":"invalid_argument","message":"a \"b\"","details":{}}})");
}

}  // namespace
}  // namespace provender::http

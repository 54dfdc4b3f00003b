/// The body of a request for features: it is refused, or it is answered for what it asks.

#include "wire/read_request.hpp"

#include <cstdint>
#include <string>

#include "wire/errors.hpp"
#include "wire/fake_read.hpp"
#include "wire/read_reply.hpp"

namespace {

using namespace provender;

constexpr std::size_t kMaxRows = 8;
constexpr Type kString{.kind = Kind::String};

/// Both forms of an error are JSON, whatever the message quotes of the request.
void check_errors(const Error& error) {
  json::Parser parser;
  std::string ours;
  std::string feast;
  wire::write_error(ours, error);
  wire::write_feast_error(feast, error);
  if (!parser.parse(ours) || !parser.parse("[" + feast + "]")) __builtin_trap();
}

void check_reply(const wire::ReadRequest& request, const PreparedRead& prepared) {
  const std::vector<Cell> cells(request.rows,
                                Cell{.status = Status::Present,
                                     .value = ValueView(Kind::String, "a"),
                                     .event_timestamp = Timestamp{}});
  const std::string reply = wire::read_reply(request, prepared, wire::FakeOnlineFeatures(1, cells));
  json::Parser parser;
  if (!parser.parse(reply)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  json::Parser parser;
  const auto body = parser.parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!body) return check_errors(body.error()), 0;
  auto request = wire::parse_read_request(*body, kMaxRows);
  if (!request) return check_errors(request.error()), 0;
  if (request->rows > kMaxRows) __builtin_trap();
  const wire::FakePreparedRead prepared({{.name = "s", .type = kString},
                                         {.name = "i", .type = {.kind = Kind::Int32}},
                                         {.name = "l", .type = {.kind = Kind::Int64}},
                                         {.name = "b", .type = {.kind = Kind::Bool}},
                                         {.name = "y", .type = {.kind = Kind::Bytes}},
                                         {.name = "t", .type = {.kind = Kind::Timestamp}}},
                                        {{.name = "f", .view = "v", .type = kString}});
  const auto keys = wire::bind_keys(*request, prepared);
  if (!keys) return check_errors(keys.error()), 0;
  if (keys->views.size() != request->rows * prepared.keys().size()) __builtin_trap();
  check_reply(*request, prepared);
  return 0;
}

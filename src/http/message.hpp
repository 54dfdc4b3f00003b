#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "provender/error.hpp"

namespace provender::http {

/// One header field as it stood on the wire, without the white space around its value.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// A request that arrived whole. Its views point into the connection's buffer and are valid until
/// the exchange is sent or dropped.
struct Request {
  std::string_view method;  ///< as sent; methods are case-sensitive
  std::string_view path;    ///< begins with '/', not percent-decoded
  std::string_view query;   ///< what follows the first '?', else empty
  std::span<const Field> fields;
  std::string_view body;  ///< chunks already joined

  /// The value of the first field of this name, in any case of letters. A request of HTTP/1.1 has
  /// exactly one Host.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
};

/// What a handler answers. Its strings keep their memory from one request to the next.
struct Response {
  int status = 200;  ///< 200 to 599
  /// Must outlive the answer: a literal. Empty leaves the field away.
  std::string_view content_type = "application/json";
  std::string body;
  std::string fields;  ///< further header lines; see `add_header`

  /// Adds a header field. Control characters in `value` become spaces, so that no input can end the
  /// line.
  void add_header(std::string_view name, std::string_view value);
  /// As new, with the memory kept.
  void reset();
};

/// A request that the transport does not pass on, and why.
struct Refusal {
  int status;
  ErrorCode code;
  std::string message;
  std::string peer;  ///< the address of who is refused; empty if it is gone
};

/// The default form of an answer to a refused request: {"error":{"code","message","details":{}}}.
void write_refusal(const Refusal& refusal, Response& response);

/// Whether two names are equal but for the case of ASCII letters.
bool same_name(std::string_view a, std::string_view b) noexcept;

}  // namespace provender::http

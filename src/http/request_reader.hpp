#pragma once

#include <memory>
#include <span>

#include "http/limits.hpp"
#include "http/message.hpp"

namespace provender::http {

/// Makes requests out of the bytes of a connection, however they are cut. Refuses whatever another
/// reader of the same bytes might understand differently (RFC 9112
/// sections 2.2, 3.2, 5.1, 5.2, 6.3, 11.2). Knows no sockets and no time. Confined to one thread.
class RequestReader {
 public:
  enum class State : unsigned char {
    Idle,     ///< nothing of a request is here
    Header,   ///< some of its header
    Body,     ///< all of its header, some of its body
    Ready,    ///< `request` holds one; `next` goes on
    Refused,  ///< `refusal` says why; nothing after it can be trusted
  };

  /// `limits` must outlive the reader.
  explicit RequestReader(const Limits& limits);
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  /// Where the next bytes are to be put; then `commit` how many came, and `advance`.
  std::span<char> room();
  void commit(std::size_t count);
  State advance();

  /// In Ready. The views are valid until `room` is called after `next`.
  const Request& request() const noexcept;
  /// In Ready.
  bool is_http_1_0() const noexcept;
  /// In Ready: whether the client wants the connection to stay open.
  bool keep_alive() const noexcept;
  /// In Ready: whether bytes of a further request are here.
  bool has_more() const noexcept;
  /// Goes on behind the request that was ready.
  void next();

  /// In Body: true once, if the client waits for "100 Continue" before it sends the body.
  bool take_expectation() noexcept;

  /// In Refused.
  const Refusal& refusal() const noexcept;

  /// Memory held for received bytes.
  std::size_t capacity() const noexcept;
  /// In Refused, or after the last request: forgets all bytes and gives their memory back; what
  /// comes is for nobody.
  void discard();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace provender::http

#pragma once

#include <memory>
#include <span>

#include "online/redis/client.hpp"
#include "online/redis/header.hpp"
#include "online/redis/layout.hpp"

namespace provender::online::redis {

/// What the readers of one store share.
struct StoreParts {
  std::shared_ptr<const Access> access;
  std::unique_ptr<const Layout> layout;
  std::unique_ptr<Header> header;
};

/// What a reader is told of a failure: Unavailable with the same words, because whoever asks for
/// features has done nothing wrong, and may ask again.
Error to_reader(const Error& why);

/// The call that reads these rows; without a command if there is nothing to ask for. `call` is one
/// whose memory is used again, or null.
Result<std::unique_ptr<Call>> make_read(const StoreParts& parts,
                                        std::span<const Lookup> lookups,
                                        std::unique_ptr<Call> call);

/// What the replies to such a call hold, in the order of the lookups; valid as long as the call.
Result<> take_rows(const StoreParts& parts,
                   std::span<const Lookup> lookups,
                   const Call& call,
                   FoundRows& into);

/// What the reply to the header's question says to a reader.
Result<> check_header(const StoreParts& parts, const Reply& reply);

/// Reads on an event loop.
class LoopReader final : public RowReader {
 public:
  /// `parts` outlive the reader.
  LoopReader(EventLoop& loop, const StoreParts& parts)
      : parts_(parts), client_(loop, parts.access) {}

  void read(std::span<const Lookup> lookups, ReadDone done) override;
  void check(CheckDone done) override;

 private:
  void answered(std::span<const Lookup> lookups,
                ReadDone& done,
                Result<std::unique_ptr<Call>> call);

  const StoreParts& parts_;
  std::vector<std::unique_ptr<Call>> idle_;
  Client client_;
};

}  // namespace provender::online::redis

#pragma once

#include <functional>
#include <span>
#include <stop_token>

#include "online/redis/blocking_pool.hpp"
#include "online/redis/row_reads.hpp"

namespace provender::online::redis {

/// Makes the header where it is missing. FailedPrecondition: it is somebody else's.
Result<> claim_header(const StoreParts& parts, BlockingClient& client);

/// Stores rows that online::check_rows found right: a script call per entity, some thousand of them
/// on their way while the next are encoded. Of many rows those that are new are stored without it.
Result<WriteResult> write_rows(const StoreParts& parts,
                               BlockingClient& client,
                               std::span<const WriteRow> rows);

/// Goes through the keys of all servers in small steps. `ask` adds a key's commands to a call;
/// `answered` gets the call back with its replies. Cancelled when stopped between two steps. A key
/// that moves to another server meanwhile may be missed.
Result<> each_key(const StoreParts& parts,
                  BlockingClient& client,
                  const std::stop_token& stop,
                  const std::function<void(Call&, std::string_view)>& ask,
                  const std::function<void(const Call&)>& answered);

}  // namespace provender::online::redis

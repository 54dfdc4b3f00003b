#include "online/redis/row_writes.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::online::redis {
namespace {

// What one call of a write may hold, so that other clients of the server get their turn, and the
// memory for it is bounded.
constexpr std::size_t kMostEntities = 1'000;
constexpr std::size_t kMostBytes = std::size_t{4} << 20U;
/// Fields of one script call: Lua's stack has room for some thousand values.
constexpr std::size_t kMostViews = 1'000;
/// Calls under way at once: one is executed while the next is encoded.
constexpr std::size_t kWindow = 2;
/// The longest value that a server takes (its default proto-max-bulk-len).
constexpr std::size_t kMostRowBytes = std::size_t{512} << 20U;

/// Where the rows of the entity that begins at `begin` end: neighbours of the same key, each of
/// another store id.
std::size_t end_of_entity(std::span<const WriteRow> rows, std::size_t begin) {
  std::size_t end = begin + 1;
  const auto is_new = [&](std::uint32_t store_id) {
    const auto group = rows.subspan(begin, end - begin);
    return std::ranges::find(group, store_id, &WriteRow::store_id) == group.end();
  };
  while (end < rows.size() && end - begin < kMostViews &&
         rows[end].entity_set == rows[begin].entity_set && rows[end].key == rows[begin].key &&
         is_new(rows[end].store_id)) {
    ++end;
  }
  return end;
}

Result<> check_sizes(std::span<const WriteRow> rows) {
  for (const WriteRow& row : rows) {
    if (row.row.size() <= kMostRowBytes) continue;
    return Error(
        ErrorCode::InvalidArgument,
        fmt::format("a row has {} bytes; Redis takes at most {}", row.row.size(), kMostRowBytes));
  }
  return {};
}

/// One write of many rows.
class Writer {
 public:
  Writer(const StoreParts& parts, BlockingClient& client, std::span<const WriteRow> rows)
      : parts_(parts), client_(client), rows_(rows) {}

  Result<WriteResult> run() {
    while (begin_ < rows_.size() && !failure_) {
      if (auto sent = send_next(); !sent) failure_ = std::move(sent).error();
      wait_for(kWindow - 1);
    }
    wait_for(0);
    if (failure_) return *failure_;
    std::ranges::sort(result_.kept);
    result_.written = rows_.size() - result_.kept.size();
    return std::move(result_);
  }

 private:
  /// Encodes and sends the next call.
  Result<> send_next() {
    auto call = take_idle();
    call->set_script(parts_.layout->script());
    call->set_patient();
    std::vector<std::size_t> begins;
    std::size_t bytes = 0;
    while (begin_ < rows_.size() && begins.size() < kMostEntities && bytes < kMostBytes) {
      const std::size_t end = end_of_entity(rows_, begin_);
      const auto entity = rows_.subspan(begin_, end - begin_);
      PROVENDER_TRY(parts_.layout->write(*call, entity));
      for (const WriteRow& row : entity) {
        bytes += row.row.size();
      }
      begins.push_back(begin_);
      begin_ = end;
    }
    ++under_way_;
    client_.start(std::move(call),
                  parts_.access->settings.write_timeout,
                  [this, begins = std::move(begins)](Result<std::unique_ptr<Call>> done) {
                    --under_way_;
                    if (!done) {
                      if (!failure_) failure_ = std::move(done).error();
                    } else {
                      answered(begins, *std::move(done));
                    }
                  });
    return {};
  }

  void wait_for(std::size_t most_under_way) {
    while (under_way_ > most_under_way) {
      client_.turn();
    }
  }

  void answered(const std::vector<std::size_t>& begins, std::unique_ptr<Call> call) {
    for (std::size_t i = 0; i < begins.size(); ++i) {
      const Reply reply = call->reply(i);
      for (std::size_t place = 1; place < reply.size(); ++place) {
        result_.kept.push_back(begins[i] + static_cast<std::size_t>(reply.number(place)) - 1);
      }
    }
    idle_.push_back(std::move(call));
  }

  std::unique_ptr<Call> take_idle() {
    if (idle_.empty()) return std::make_unique<Call>();
    auto call = std::move(idle_.back());
    idle_.pop_back();
    call->clear();
    return call;
  }

  const StoreParts& parts_;
  BlockingClient& client_;
  std::span<const WriteRow> rows_;
  std::size_t begin_ = 0;  ///< of the rows not sent yet
  std::size_t under_way_ = 0;
  std::vector<std::unique_ptr<Call>> idle_;
  std::optional<Error> failure_;
  WriteResult result_;
};

struct ScanStep {
  std::string cursor;
  std::vector<std::string> keys;
};

Result<ScanStep> scan(const StoreParts& parts,
                      BlockingClient& client,
                      Node& node,
                      const std::string& cursor) {
  auto call = std::make_unique<Call>();
  call->set_patient();
  call->send_to(&node);
  append_command(call->begin(Call::kAnySlot),
                 {"SCAN", cursor, "MATCH", parts.layout->pattern(), "COUNT", "1000"});
  PROVENDER_ASSIGN(call, client.run(std::move(call), parts.access->settings.write_timeout));
  const Reply reply = call->reply(0);
  const bool is_right = reply.size() >= 3 && reply.number() == 2 &&
                        reply.kind(1) == Reply::Kind::String && reply.kind(2) == Reply::Kind::Array;
  if (!is_right) {
    return Error(ErrorCode::Corruption, "redis: the answer to SCAN is not as expected");
  }
  ScanStep step{.cursor = std::string(reply.text(1)), .keys = {}};
  for (std::size_t i = 3; i < reply.size(); ++i) {
    step.keys.emplace_back(reply.text(i));
  }
  return step;
}

}  // namespace

Result<> claim_header(const StoreParts& parts, BlockingClient& client) {
  auto call = std::make_unique<Call>();
  call->set_patient();
  parts.header->claim(*call);
  PROVENDER_ASSIGN(call, client.run(std::move(call), parts.access->settings.write_timeout));
  return parts.header->check(call->reply(call->size() - 1));
}

Result<WriteResult> write_rows(const StoreParts& parts,
                               BlockingClient& client,
                               std::span<const WriteRow> rows) {
  PROVENDER_TRY(check_sizes(rows));
  return Writer(parts, client, rows).run();
}

Result<> each_key(const StoreParts& parts,
                  BlockingClient& client,
                  const std::stop_token& stop,
                  const std::function<void(Call&, std::string_view)>& ask,
                  const std::function<void(const Call&)>& answered) {
  const auto budget = parts.access->settings.write_timeout;
  {
    auto call = std::make_unique<Call>();  // after it a cluster's servers are known
    call->set_patient();
    parts.header->ask(*call);
    PROVENDER_ASSIGN(call, client.run(std::move(call), budget));
    PROVENDER_TRY(parts.header->check(call->reply(0)));
  }
  for (Node* node : client.client().masters()) {
    ScanStep step{.cursor = "0", .keys = {}};
    do {
      if (stop.stop_requested()) return Error(ErrorCode::Cancelled, "the sweep was stopped");
      PROVENDER_ASSIGN(step, scan(parts, client, *node, step.cursor));
      auto call = std::make_unique<Call>();
      call->set_patient();
      for (const std::string& key : step.keys) {
        ask(*call, key);
      }
      PROVENDER_ASSIGN(call, client.run(std::move(call), budget));
      answered(*call);
    } while (step.cursor != "0");
  }
  return {};
}

}  // namespace provender::online::redis

#include "online/redis/row_writes.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/try.hpp"
#include "online/redis/call_window.hpp"

namespace provender::online::redis {
namespace {

// What one call of a write may hold, so that other clients of the server get their turn, and the
// memory for it is bounded.
constexpr std::size_t kMostEntities = 1'000;
constexpr std::size_t kMostBytes = std::size_t{4} << 20U;
/// Fields of one script call: Lua's stack has room for some thousand values.
constexpr std::size_t kMostViews = 1'000;
/// So many rows at once are a materialization's: it is worth a look whether they are new ones.
constexpr std::size_t kFewestToInsert = 1'000;
constexpr std::size_t kFirstLook = 128;
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

/// Stores rows unless what is stored is newer: a script call for each entity. Returns the places of
/// those that were kept back.
Result<std::vector<std::size_t>> upsert(const StoreParts& parts,
                                        BlockingClient& client,
                                        std::span<const WriteRow> rows) {
  std::vector<std::size_t> kept;
  CallWindow window(parts, client);
  for (std::size_t begin = 0; begin < rows.size() && !window.has_failed();) {
    auto call = window.take();
    call->set_script(parts.layout->script());
    std::vector<std::size_t> begins;
    std::size_t bytes = 0;
    while (begin < rows.size() && begins.size() < kMostEntities && bytes < kMostBytes) {
      const std::size_t end = end_of_entity(rows, begin);
      const auto entity = rows.subspan(begin, end - begin);
      PROVENDER_TRY(parts.layout->write(*call, entity));
      for (const WriteRow& row : entity) {
        bytes += row.row.size();
      }
      begins.push_back(begin);
      begin = end;
    }
    window.send(std::move(call), [&kept, begins = std::move(begins)](const Call& answer) {
      for (std::size_t i = 0; i < begins.size(); ++i) {
        const Reply reply = answer.reply(i);
        for (std::size_t place = 1; place < reply.size(); ++place) {
          kept.push_back(begins[i] + static_cast<std::size_t>(reply.number(place)) - 1);
        }
      }
    });
  }
  PROVENDER_TRY(window.finish());
  std::ranges::sort(kept);
  return kept;
}

/// Stores the rows of which nothing is stored, as long as that is most of them: a first look says,
/// and each call. Returns the places of all others, which are untouched.
Result<std::vector<std::size_t>> insert_new(const StoreParts& parts,
                                            BlockingClient& client,
                                            std::span<const WriteRow> rows) {
  std::vector<std::size_t> others;
  std::size_t begin = 0;
  bool is_worth_it = true;
  CallWindow window(parts, client);
  while (begin < rows.size() && is_worth_it && !window.has_failed()) {
    const std::size_t first = begin;
    const std::size_t most = first == 0 ? kFirstLook : kMostEntities;
    auto call = window.take();
    for (std::size_t bytes = 0; begin < rows.size() && begin - first < most && bytes < kMostBytes;
         ++begin) {
      parts.layout->insert(*call, rows[begin]);
      bytes += rows[begin].row.size();
    }
    window.send(std::move(call), [&others, &is_worth_it, first](const Call& answer) {
      const std::size_t before = others.size();
      for (std::size_t i = 0; i < answer.size(); ++i) {
        if (answer.reply(i).number() != 1) others.push_back(first + i);
      }
      if (2 * (others.size() - before) > answer.size()) is_worth_it = false;
    });
    if (first == 0) PROVENDER_TRY(window.finish());
  }
  PROVENDER_TRY(window.finish());
  std::ranges::sort(others);
  for (; begin < rows.size(); ++begin) {
    others.push_back(begin);
  }
  return others;
}

WriteResult result_of(std::span<const WriteRow> rows, std::vector<std::size_t> kept) {
  return {.written = rows.size() - kept.size(), .kept = std::move(kept)};
}

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
  if (!parts.layout->can_insert() || rows.size() < kFewestToInsert) {
    PROVENDER_ASSIGN(auto kept, upsert(parts, client, rows));
    return result_of(rows, std::move(kept));
  }
  PROVENDER_ASSIGN(const auto others, insert_new(parts, client, rows));
  std::vector<WriteRow> left;
  left.reserve(others.size());
  for (const std::size_t place : others) {
    left.push_back(rows[place]);
  }
  PROVENDER_ASSIGN(auto kept, upsert(parts, client, left));
  for (std::size_t& place : kept) {
    place = others[place];
  }
  return result_of(rows, std::move(kept));
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

#include "online/redis/row_reads.hpp"

#include "base/try.hpp"
#include "online/store_key.hpp"

namespace provender::online::redis {
namespace {

constexpr std::size_t kMostIdle = 16;

/// Whether there can be rows for it.
bool is_askable(const Lookup& lookup) {
  return is_storable_key(lookup.key) && !lookup.store_ids.empty();
}

EventLoop::Time deadline_of(const StoreParts& parts) {
  return std::chrono::steady_clock::now() + parts.access->settings.timeout;
}

}  // namespace

Error to_reader(const Error& why) {
  return {ErrorCode::Unavailable, std::string(why.message())};
}

Result<std::unique_ptr<Call>> make_read(const StoreParts& parts,
                                        std::span<const Lookup> lookups,
                                        std::unique_ptr<Call> call) {
  if (!call) call = std::make_unique<Call>();
  call->clear();
  call->set_takes_bad_keys();
  for (const Lookup& lookup : lookups) {
    if (!is_askable(lookup)) continue;
    auto names = parts.layout->read(*call, lookup);
    if (!names) return to_reader(names.error());
    if (*names) call->keep_names(*std::move(names));
  }
  if (call->size() > 0 && !parts.header->is_known()) parts.header->ask(*call);
  return call;
}

Result<> take_rows(const StoreParts& parts,
                   std::span<const Lookup> lookups,
                   const Call& call,
                   FoundRows& into) {
  std::size_t next = 0;
  for (const Lookup& lookup : lookups) {
    if (!is_askable(lookup)) {
      into.rows.resize(into.rows.size() + lookup.store_ids.size());
      continue;
    }
    const std::size_t command = next++;
    const Reply reply = call.reply(command);
    if (reply.is_error()) {
      into.rows.resize(into.rows.size() + lookup.store_ids.size(), kUnreadable);
    } else if (auto found = parts.layout->found(
                   {.lookup = lookup, .reply = reply, .names = call.names(command)}, into);
               !found) {
      return to_reader(found.error());
    }
  }
  return next < call.size() ? check_header(parts, call.reply(next)) : Result<>();
}

Result<> check_header(const StoreParts& parts, const Reply& reply) {
  if (auto checked = parts.header->check(reply); !checked) return to_reader(checked.error());
  return {};
}

void LoopReader::read(std::span<const Lookup> lookups, ReadDone done) {
  std::unique_ptr<Call> idle;
  if (!idle_.empty()) {
    idle = std::move(idle_.back());
    idle_.pop_back();
  }
  auto call = make_read(parts_, lookups, std::move(idle));
  if (!call) return done(std::move(call).error());
  client_.start(
      *std::move(call),
      deadline_of(parts_),
      [this, lookups, done = std::move(done)](Result<std::unique_ptr<Call>> result) mutable {
        answered(lookups, done, std::move(result));
      });
}

void LoopReader::answered(std::span<const Lookup> lookups,
                          ReadDone& done,
                          Result<std::unique_ptr<Call>> call) {
  if (!call) return done(to_reader(call.error()));
  FoundRows found;
  if (auto taken = take_rows(parts_, lookups, **call, found); !taken) {
    return done(std::move(taken).error());
  }
  done(std::span<const std::string_view>(found.rows));
  if (idle_.size() < kMostIdle) idle_.push_back(*std::move(call));
}

void LoopReader::check(CheckDone done) {
  auto call = std::make_unique<Call>();
  parts_.header->ask(*call);
  client_.start(std::move(call),
                deadline_of(parts_),
                [this, done = std::move(done)](Result<std::unique_ptr<Call>> result) mutable {
                  if (!result) return done(to_reader(result.error()));
                  done(check_header(parts_, (*result)->reply(0)));
                });
}

}  // namespace provender::online::redis

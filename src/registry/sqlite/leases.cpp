#include "registry/sqlite/leases.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/try.hpp"

namespace provender::registry::sqlite {
namespace {

Timestamp after(Timestamp now, Duration length) {
  return length > Timestamp::max() - now ? Timestamp::max() : now + length;
}

Result<> check_length(const std::string& name, Duration length) {
  if (length > Duration::zero()) return {};
  return Error(
      ErrorCode::InvalidArgument,
      fmt::format("lease {}: a length of {} us, expected one above zero", name, length.count()));
}

/// A lease as stored; no holder: it was released, or never taken.
struct Stored {
  std::string holder;
  std::uint64_t fencing = 0;
  Duration length{};
  Timestamp expires;

  /// An end further away than the lease is long means that the clock went back since it was taken:
  /// it may last as long as it was meant to, from now on.
  Timestamp end(Timestamp now) const { return std::min(expires, after(now, length)); }
};

Result<Stored> load(Database& database, const std::string& name) {
  PROVENDER_ASSIGN(
      auto row,
      database.query("SELECT holder, fencing, length, expires FROM leases WHERE name = ?", name));
  PROVENDER_ASSIGN(const bool has_row, row.next());
  if (!has_row) return Stored{};
  return Stored{.holder = row.text(0),
                .fencing = row.number<std::uint64_t>(1),
                .length = Duration(row.integer(2)),
                .expires = row.timestamp(3)};
}

Error held_by(const std::string& name, const Stored& stored, Timestamp end) {
  return {ErrorCode::Conflict,
          fmt::format("{} is held by {} until {} unless it ends before: try again then",
                      name,
                      stored.holder,
                      format_timestamp(end))};
}

}  // namespace

Result<std::optional<Lease>> current_lease(Database& database, const std::string& name) {
  PROVENDER_ASSIGN(const auto stored, load(database, name));
  if (stored.holder.empty()) return std::optional<Lease>();
  return Lease{
      .name = name, .holder = stored.holder, .fencing = stored.fencing, .expires = stored.expires};
}

Result<Lease> acquire_lease(Database& database, const LeaseRequest& request) {
  const auto& [name, holder, now, length] = request;
  PROVENDER_TRY(check_length(name, length));
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database));
  PROVENDER_ASSIGN(const auto stored, load(database, name));
  const auto end = stored.end(now);
  if (!stored.holder.empty() && end > now) {
    if (end != stored.expires) {
      PROVENDER_TRY(database.run("UPDATE leases SET expires = ? WHERE name = ?", end, name));
      PROVENDER_TRY(transaction.commit());
    }
    return held_by(name, stored, end);
  }
  Lease lease{
      .name = name, .holder = holder, .fencing = stored.fencing + 1, .expires = after(now, length)};
  PROVENDER_TRY(
      database.run("INSERT OR REPLACE INTO leases (name, holder, fencing, length, expires) VALUES "
                   "(?, ?, ?, ?, ?)",
                   name,
                   holder,
                   lease.fencing,
                   length,
                   lease.expires));
  PROVENDER_TRY(transaction.commit());
  return lease;
}

Result<Lease> renew_lease(Database& database, const Lease& lease, Timestamp now, Duration length) {
  PROVENDER_TRY(check_length(lease.name, length));
  PROVENDER_ASSIGN(auto transaction, Transaction::write(database));
  PROVENDER_TRY(check_held(database, lease));
  auto renewed = lease;
  renewed.expires = after(now, length);
  PROVENDER_TRY(database.run("UPDATE leases SET length = ?, expires = ? WHERE name = ?",
                             length,
                             renewed.expires,
                             lease.name));
  PROVENDER_TRY(transaction.commit());
  return renewed;
}

Result<> release_lease(Database& database, const Lease& lease) {
  return database.run(
      "UPDATE leases SET holder = NULL WHERE name = ? AND fencing = ?", lease.name, lease.fencing);
}

Result<> check_held(Database& database, const Lease& lease) {
  PROVENDER_ASSIGN(const auto stored, load(database, lease.name));
  if (stored.fencing == lease.fencing && stored.holder == lease.holder) return {};
  const auto now_held =
      stored.holder.empty() ? "nobody holds it" : fmt::format("{} holds it", stored.holder);
  return Error(ErrorCode::Conflict,
               fmt::format("{} is no longer held by {} (fencing number {}): {} (fencing number {})",
                           lease.name,
                           lease.holder,
                           lease.fencing,
                           now_held,
                           stored.fencing));
}

}  // namespace provender::registry::sqlite

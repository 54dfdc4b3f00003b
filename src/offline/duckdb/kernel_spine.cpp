#include "offline/duckdb/kernel_spine.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "offline/duckdb/errors.hpp"

namespace provender::offline {
namespace {

/// Places of the columns of each role among the request's keys.
std::vector<std::vector<std::size_t>> places(std::span<const RequestKey> keys,
                                             const std::vector<std::vector<std::string>>& roles) {
  std::vector<std::vector<std::size_t>> out;
  for (const auto& names : roles) {
    out.emplace_back();
    for (const std::string& name : names) {
      const auto key = std::ranges::find(keys, name, &RequestKey::name);
      out.back().push_back(static_cast<std::size_t>(key - keys.begin()));
    }
  }
  return out;
}

Result<> scan(Connection& connection,
              ScanFunction& function,
              const KernelSpine::Request& request,
              SpineSink& sink) {
  const Spine& spine = request.spine;
  if (const PageFiles* const pages = spine.pages()) {
    return read_spine_pages({.pages = *pages,
                             .columns = spine.key_and_time(),
                             .keys = request.keys,
                             .rows = request.rows,
                             .readers = request.readers,
                             .threads = request.threads,
                             .stop = connection.stop(),
                             .progress = request.progress},
                            sink);
  }
  std::vector<const SourceRelation::Column*> columns;
  for (const SourceRelation::Column& column : spine.key_and_time()) {
    columns.push_back(&column);
  }
  return function.scan(connection,
                       {.function = {},
                        .from = spine.from(),
                        .row = spine.row_number(),
                        .where = spine.is_row_of(request.rows.begin, request.rows.end),
                        .choice = {},
                        .chosen_by = {},
                        .columns = columns},
                       sink);
}

/// The same, whose errors say what is wrong with the spine.
Result<> scan_or_explain(Connection& connection,
                         ScanFunction& function,
                         const KernelSpine::Request& request,
                         SpineSink& sink) {
  auto done = scan(connection, function, request, sink);
  const Spine& spine = request.spine;
  if (done) return done;
  if (done.error().code() == ErrorCode::ResourceExhausted) {
    return spine.within(std::move(done).error());
  }
  if (done.error().code() != ErrorCode::InvalidArgument) return done;
  if (!is_lost_value(done.error())) {
    const std::string message(done.error().message());
    Error error = spine.explain(connection, std::move(done).error());
    return error.message() == message ? spine.within(std::move(error)) : std::move(error);
  }
  PROVENDER_TRY(spine.count(connection));  // says which value it is
  return Error(ErrorCode::Conflict, "the spine changed while it was read");
}

/// `numbers` by old number; empty: they stay as they are.
void renumber(pit::LargeVector<std::uint32_t>& entities,
              const std::vector<std::uint32_t>& numbers) {
  if (numbers.empty()) return;
  for (std::uint32_t& entity : entities) {
    if (entity != pit::kNoEntity) entity = numbers[entity];
  }
}

}  // namespace

Result<std::unique_ptr<KernelSpine>> KernelSpine::read(Connection& connection,
                                                       ScanFunction& function,
                                                       const Request& request) {
  const RowsOfSpine& rows = request.rows;
  SpineSink sink(static_cast<std::int64_t>(rows.begin),
                 rows.count(),
                 request.keys,
                 places(request.keys, request.roles));
  PROVENDER_TRY(scan_or_explain(connection, function, request, sink));
  if (sink.taken() != rows.count()) {
    return Error(ErrorCode::Conflict, "the spine changed while it was read");
  }

  const std::stop_token& stop = connection.stop();
  std::unique_ptr<KernelSpine> out(new KernelSpine());
  out->null_rows_ = sink.null_rows();
  const pit::Parallel parallel{
      .run = [&](std::size_t parts, const auto& work) { request.threads.run(parts, work); },
      .most_parts = request.threads.count()};
  out->order_ = std::make_unique<pit::TimeOrder>(sink.times(), stop, parallel);
  pit::LargeVector<std::int64_t>().swap(sink.times());
  for (SpineSink::Role& role : sink.roles()) {
    renumber(role.entities, role.index.freeze());
    if (stop.stop_requested()) return stopped();
    out->roles_.emplace_back(*out->order_, role.entities, role.index.size(), stop, parallel);
    out->indexes_.push_back(std::move(role.index));
    pit::LargeVector<std::uint32_t>().swap(role.entities);
  }
  if (stop.stop_requested()) return stopped();
  return out;
}

}  // namespace provender::offline

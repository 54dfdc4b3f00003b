#include "offline/duckdb/memory_plan.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "parquet/chunk_reader.hpp"
#include "parquet/chunk_writer.hpp"
#include "pit/radix_sort.hpp"
#include "pit/values.hpp"

namespace provender::offline {
namespace {

/// A pass of fewer rows costs more for the sources than it saves in memory.
constexpr std::uint64_t kLeastRowsPerPass = 20'000;
/// Rows of the spine are numbered by 32 bits in a pass.
constexpr std::uint64_t kMostRowsPerPass = 1'000'000'000;

/// Of a key's dictionary: a table at most half full that grows by four; of texts it holds hashes,
/// beside keys whose array doubles.
constexpr std::uint64_t kIntegerEntry = 128;
constexpr std::uint64_t kTextEntry = 200;
constexpr std::uint64_t kPairEntry = 128;

std::uint64_t entity_bytes(std::span<const Type> key_types) {
  std::uint64_t out = (key_types.size() - 1) * kPairEntry;
  for (const Type type : key_types) {
    out += is_variable_length(type.kind) ? kTextEntry : kIntegerEntry;
  }
  return out;
}

std::uint64_t cell_bytes(Type type) {
  return (type.is_list ? sizeof(pit::ListCell) : pit::cell_width(type.kind)) + 1;
}

/// As far as it is known how many rows a source has.
std::uint64_t most_winners(const SourceGroup& group) {
  if (!group.is_staged()) return static_cast<std::uint64_t>(group.file_rows());
  return group.relation().parts.empty() ? std::numeric_limits<std::uint64_t>::max() : group.rows;
}

/// A group while its rows pass, and while its winners are sorted: by role what replays passed, in
/// arrays that grow by doubling and each have all rows where each thread takes rows of all times,
/// or slots, which are as large; the best rows of one role; what sorts them.
KernelBytes bytes_at_work(const SourceGroup& group, const KernelBytesRequest& request) {
  const std::uint64_t row = sizeof(pit::SourceRow);
  const std::uint64_t replays = group.is_staged() ? 0 : request.threads * kSharesPerThread;
  const std::uint64_t passed =
      request.shares_scans ? std::max<std::uint64_t>(request.threads, 2) : 2;
  return {.per_row = group.roles.size() * passed * row + row + 2 * sizeof(pit::Keyed),
          .per_entity = group.roles.size() * (replays + 1) * row,
          .winners = {}};
}

/// Of a thread that scans the keys and times of a group.
std::size_t page_buffers(const SourceGroup& group, const PageBytesRequest& request) {
  const Source& source =
      request.definitions.feature_view(request.selection.views[group.views.front().index].view)
          ->source;
  if (source.kind != Source::Kind::Parquet) return 1;
  const std::size_t keys = group.key_types.size();
  const std::size_t columns = keys + (source.created_timestamp ? 2 : 1);
  // By role, who has a key of a dictionary: 4 bytes an entry, which has as many itself.
  const std::size_t dictionary = keys == 1 ? group.roles.size() : 0;
  return columns * parquet::ChunkReader::kBuffers + dictionary;
}

}  // namespace

MemoryShares share_memory(std::uint64_t limit) {
  return {.main = limit / 2, .workers = limit / 8, .kernel = limit / 8 * 3};
}

std::size_t most_page_bytes(const PageBytesRequest& request) {
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 20;
  constexpr std::uint64_t kMost = std::uint64_t{64} << 20;
  std::size_t buffers = (request.spine_keys + 1) * parquet::ChunkReader::kBuffers;
  for (const SourceGroup& group : request.groups) {
    buffers = std::max(buffers, page_buffers(group, request) * request.threads);
  }
  return std::clamp(share_memory(request.limit).workers / buffers, kLeast, kMost);
}

std::uint64_t KernelBytes::of(std::uint64_t rows, std::uint64_t entities) const {
  std::uint64_t out = rows * per_row + std::min(rows, entities) * per_entity;
  for (const Winners& view : winners) {
    out += std::min(rows, view.most) * view.bytes;
  }
  return out;
}

std::uint64_t KernelBytes::values() const {
  std::uint64_t out = 0;
  for (const Winners& view : winners) {
    out += view.bytes;
  }
  return out;
}

KernelBytes kernel_bytes(const KernelBytesRequest& request) {
  // The time order, and each role's entities.
  KernelBytes out{.per_row = sizeof(std::int64_t) + (1 + request.roles) * sizeof(std::uint32_t),
                  .per_entity = 0,
                  .winners = {}};
  std::uint64_t key_bytes = 0;
  // While the spine is sorted, nothing else is there.
  KernelBytes at_work{.per_row = 2 * sizeof(pit::Keyed), .per_entity = 0, .winners = {}};
  for (const SourceGroup& group : request.groups) {
    key_bytes = std::max(key_bytes, entity_bytes(group.key_types));
    const KernelBytes more = bytes_at_work(group, request);
    at_work.per_row = std::max(at_work.per_row, more.per_row);
    at_work.per_entity = std::max(at_work.per_entity, more.per_entity);
    for (const SourceGroup::View& view : group.views) {
      const FeatureView& definition =
          *request.definitions.feature_view(request.selection.views[view.index].view);
      out.per_row += sizeof(std::uint32_t) + sizeof(std::int64_t);  // places and winners
      KernelBytes::Winners& winners = out.winners.emplace_back();
      winners.most = most_winners(group);
      for (std::size_t i = 0; i < view.features.size(); ++i) {
        winners.bytes += cell_bytes(definition.features[view.features[i]].type);
        if (i < view.value_bytes.size()) winners.bytes += view.value_bytes[i];
      }
    }
  }
  // The last scans of one group and the first of the next go on at the same time; of groups that
  // are not cut each thread has one, with fewer replays together than two that are.
  const auto at_once = [&](std::size_t most) { return std::min(request.groups.size(), most); };
  out.per_row += at_once(std::max<std::size_t>(request.threads, 2)) * at_work.per_row;
  out.per_entity += request.roles * key_bytes + at_once(2) * at_work.per_entity;
  return out;
}

std::size_t row_group_rows(const KernelBytes& bytes,
                           std::uint64_t spine_bytes,
                           std::uint64_t limit,
                           std::size_t threads) {
  // As many columns again for the spine's; the values, what their dictionaries hold, and as
  // encoded.
  const std::uint64_t row = bytes.values() + std::max<std::uint64_t>(spine_bytes, 64);
  const std::uint64_t fit = share_memory(limit).main / (threads * 6 * row);
  return std::clamp<std::uint64_t>(fit < 2048 ? fit : fit / 2048 * 2048, 1, 122'880);
}

ResultBytes result_bytes(std::uint64_t limit, std::size_t threads) {
  constexpr std::uint64_t kLeast = std::uint64_t{4} << 20;
  constexpr std::uint64_t kMost = std::uint64_t{64} << 20;
  const std::uint64_t share = share_memory(limit).main;
  // Each thread reads a column and writes one, and has what is known of a dictionary's entries.
  constexpr std::uint64_t kPieces =
      parquet::ChunkReader::kBuffers + parquet::ChunkWriter::kBuffers + 1;
  // What is packed grows by doubling.
  return {.piece = std::clamp(share / 4 * 3 / (threads * kPieces), kLeast, kMost),
          .held = share / 8};
}

Result<std::size_t> passes_within(const KernelBytes& bytes,
                                  std::uint64_t rows,
                                  std::uint64_t entities,
                                  std::uint64_t limit) {
  const std::uint64_t share = share_memory(limit).kernel;
  const auto fits = [&](std::uint64_t some) { return bytes.of(some, entities) <= share; };
  const std::uint64_t least = std::min(rows, kLeastRowsPerPass);
  if (!fits(least)) {
    constexpr std::uint64_t kMegabyte = 1'000'000;
    const std::uint64_t needed = bytes.of(least, entities) / 3 * 8 + 8;
    return Error(ErrorCode::ResourceExhausted,
                 fmt::format("{} rows at once of this request need an offline.memory_limit of "
                             "about {}MB, and it is {}MB: raise it, or ask for fewer features",
                             least,
                             needed / kMegabyte + 1,
                             limit / kMegabyte));
  }
  std::uint64_t low = least;
  std::uint64_t high = std::min(rows, kMostRowsPerPass);
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    fits(middle) ? low = middle : high = middle - 1;
  }
  return low == 0 ? 1 : (rows + low - 1) / low;
}

}  // namespace provender::offline

#include "online/lmdb/loop_reader.hpp"

#include <utility>

namespace provender::online::lmdb {
namespace {

/// So many reads are not kept waiting for more: the answers of the first are in the cache still.
constexpr std::size_t kTogether = 16;
/// More lookups have company enough in their own read.
constexpr std::size_t kMostGathered = 8;

}  // namespace

LoopReader::LoopReader(RowReader& store, EventLoop& loop)
    : store_(store), timer_(loop.timer([this] { read_gathered(); })) {}

void LoopReader::read(std::span<const Lookup> lookups, ReadDone done) {
  if (lookups.size() > kMostGathered) return store_.read(lookups, std::move(done));
  gathered_.push_back({.lookups = lookups, .done = std::move(done)});
  const bool is_under_way = !reading_.empty();
  if (gathered_.size() >= kTogether && !is_under_way) return read_gathered();
  if (gathered_.size() == 1) timer_->set(EventLoop::Time::min());
}

void LoopReader::read_gathered() {
  if (gathered_.empty()) return;  // they were enough before the round was over
  struct Ending {
    explicit Ending(std::vector<Read>& all) : reads(all) {}
    ~Ending() { reads.clear(); }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;
    std::vector<Read>& reads;
  } const ending(reading_);

  reading_.swap(gathered_);
  lookups_.clear();
  for (const Read& read : reading_) {
    lookups_.insert(lookups_.end(), read.lookups.begin(), read.lookups.end());
  }
  store_.read(lookups_, [this](const auto& rows) { answer(rows); });
}

void LoopReader::answer(const Result<std::span<const std::string_view>>& rows) {
  std::size_t at = 0;
  for (Read& read : reading_) {
    if (!rows) {
      read.done(rows.error());
      continue;
    }
    const std::size_t count = row_count(read.lookups);
    read.done(rows->subspan(at, count));
    at += count;
  }
}

}  // namespace provender::online::lmdb

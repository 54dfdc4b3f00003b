#include "materialize/write_pass.hpp"

#include <future>
#include <queue>
#include <tuple>

#include "base/try.hpp"

namespace provender::materialize {
namespace {

constexpr std::size_t kBatchRows = 10'000;
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;

/// Merges the cursors by key and hands their rows to the store batch by batch: one is written while
/// the next is read and encoded.
class Pass {
 public:
  Pass(std::span<const std::unique_ptr<ViewCursor>> cursors,
       online::OnlineStore& store,
       const PassControl& control)
      : cursors_(cursors), store_(store), control_(control), results_(cursors.size()) {}

  Result<std::vector<PassResult>> run() {
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
      advance(i);
    }
    while (!waiting_.empty()) {
      const std::size_t i = waiting_.top();
      waiting_.pop();
      take(i);
      advance(i);
      if (batch_.rows.size() < kBatchRows && batch_.bytes.size() < kBatchBytes) continue;
      if (control_.control.stop.stop_requested()) return Error(ErrorCode::Cancelled, "stopped");
      if (control_.lost.stop_requested()) {
        return Error(ErrorCode::Conflict, "another process took over this materialization");
      }
      PROVENDER_TRY(finish_write());
      begin_write();
    }
    PROVENDER_TRY(finish_write());
    begin_write();
    PROVENDER_TRY(finish_write());
    return std::move(results_);
  }

 private:
  struct Batch {
    /// Whose a row is and where its bytes lie.
    struct Row {
      std::size_t cursor;
      std::size_t begin;
      std::size_t key_size;
      std::size_t row_size;
    };
    std::vector<Row> rows;
    std::string bytes;
    std::vector<online::WriteRow> out;
  };

  struct Later {
    std::span<const std::unique_ptr<ViewCursor>> cursors;
    bool operator()(std::size_t a, std::size_t b) const {
      return std::tuple(cursors[a]->key(), cursors[a]->store_id()) >
             std::tuple(cursors[b]->key(), cursors[b]->store_id());
    }
  };

  void advance(std::size_t i) {
    auto more = cursors_[i]->next();
    if (!more) {
      results_[i].error = std::move(more).error();
    } else if (*more) {
      waiting_.push(i);
    }
  }

  void take(std::size_t i) {
    const std::string_view key = cursors_[i]->key();
    const std::string_view row = cursors_[i]->row();
    batch_.rows.push_back({.cursor = i,
                           .begin = batch_.bytes.size(),
                           .key_size = key.size(),
                           .row_size = row.size()});
    batch_.bytes.append(key).append(row);
  }

  /// Gives the batch away; where no thread is to be had it is written in finish_write().
  void begin_write() {
    std::swap(batch_, written_);
    const std::string_view bytes = written_.bytes;
    written_.out.clear();
    for (const Batch::Row& row : written_.rows) {
      written_.out.push_back({.entity_set = cursors_[row.cursor]->entity_set(),
                              .key = bytes.substr(row.begin, row.key_size),
                              .store_id = cursors_[row.cursor]->store_id(),
                              .row = bytes.substr(row.begin + row.key_size, row.row_size)});
    }
    writing_ = std::async(std::launch::async | std::launch::deferred,
                          [this] { return store_.write(written_.out); });
  }

  Result<> finish_write() {
    if (!writing_.valid()) return {};
    PROVENDER_ASSIGN(const auto result, writing_.get());
    for (const Batch::Row& row : written_.rows) {
      ++results_[row.cursor].written;
    }
    for (const std::size_t kept : result.kept) {
      --results_[written_.rows[kept].cursor].written;
      ++results_[written_.rows[kept].cursor].kept;
    }
    done_ += written_.rows.size();
    written_.rows.clear();
    written_.bytes.clear();
    if (auto* progress = control_.control.progress) progress->update(control_.phase, done_, 0);
    return {};
  }

  std::span<const std::unique_ptr<ViewCursor>> cursors_;
  online::OnlineStore& store_;
  const PassControl& control_;
  std::vector<PassResult> results_;
  std::priority_queue<std::size_t, std::vector<std::size_t>, Later> waiting_{Later{cursors_}};
  Batch batch_;    ///< that is being filled
  Batch written_;  ///< that the store has in hand
  std::uint64_t done_ = 0;
  std::future<Result<online::WriteResult>> writing_;  ///< goes first, and waits
};

}  // namespace

Result<std::vector<PassResult>> write_pass(std::span<const std::unique_ptr<ViewCursor>> cursors,
                                           online::OnlineStore& store,
                                           const PassControl& control) {
  return Pass(cursors, store, control).run();
}

}  // namespace provender::materialize

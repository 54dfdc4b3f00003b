#include "materialize/write_pass.hpp"

#include <queue>
#include <tuple>

#include "base/try.hpp"

namespace provender::materialize {
namespace {

constexpr std::size_t kBatchRows = 10'000;
constexpr std::size_t kBatchBytes = std::size_t{8} << 20;

/// Merges the cursors by key and hands their rows to the store batch by batch.
class Pass {
 public:
  Pass(std::span<const std::unique_ptr<ViewCursor>> cursors,
       online::OnlineStore& store,
       const Control& control)
      : cursors_(cursors), store_(store), control_(control), results_(cursors.size()) {}

  Result<std::vector<PassResult>> run(const std::stop_token& lost) {
    for (std::size_t i = 0; i < cursors_.size(); ++i) {
      advance(i);
    }
    while (!waiting_.empty()) {
      const std::size_t i = waiting_.top();
      waiting_.pop();
      take(i);
      advance(i);
      if (batch_.size() < kBatchRows && bytes_.size() < kBatchBytes) continue;
      if (control_.stop.stop_requested()) return Error(ErrorCode::Cancelled, "stopped");
      if (lost.stop_requested()) {
        return Error(ErrorCode::Conflict, "another process took over this materialization");
      }
      PROVENDER_TRY(write());
    }
    PROVENDER_TRY(write());
    return std::move(results_);
  }

 private:
  /// A row of the batch that is being filled: whose it is and where its bytes lie.
  struct Row {
    std::size_t cursor;
    std::size_t begin;
    std::size_t key_size;
    std::size_t row_size;
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
    batch_.push_back(
        {.cursor = i, .begin = bytes_.size(), .key_size = key.size(), .row_size = row.size()});
    bytes_.append(key).append(row);
  }

  Result<> write() {
    out_.clear();
    const std::string_view bytes = bytes_;
    for (const Row& row : batch_) {
      out_.push_back({.entity_set = cursors_[row.cursor]->entity_set(),
                      .key = bytes.substr(row.begin, row.key_size),
                      .store_id = cursors_[row.cursor]->store_id(),
                      .row = bytes.substr(row.begin + row.key_size, row.row_size)});
    }
    PROVENDER_ASSIGN(const auto result, store_.write(out_));
    for (const Row& row : batch_) {
      ++results_[row.cursor].written;
    }
    for (const std::size_t kept : result.kept) {
      --results_[batch_[kept].cursor].written;
      ++results_[batch_[kept].cursor].kept;
    }
    done_ += batch_.size();
    batch_.clear();
    bytes_.clear();
    if (control_.progress != nullptr) control_.progress->update("writing", done_, 0);
    return {};
  }

  std::span<const std::unique_ptr<ViewCursor>> cursors_;
  online::OnlineStore& store_;
  const Control& control_;
  std::vector<PassResult> results_;
  std::priority_queue<std::size_t, std::vector<std::size_t>, Later> waiting_{Later{cursors_}};
  std::string bytes_;
  std::vector<Row> batch_;
  std::vector<online::WriteRow> out_;
  std::uint64_t done_ = 0;
};

}  // namespace

Result<std::vector<PassResult>> write_pass(std::span<const std::unique_ptr<ViewCursor>> cursors,
                                           online::OnlineStore& store,
                                           const Control& control,
                                           const std::stop_token& lost) {
  return Pass(cursors, store, control).run(lost);
}

}  // namespace provender::materialize

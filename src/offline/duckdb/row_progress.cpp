#include "offline/duckdb/row_progress.hpp"

namespace provender::offline {
void RowProgress::begin(std::string phase, std::uint64_t total) {
  if (to_ == nullptr) return;
  const std::scoped_lock lock(mutex_);
  if (done_ != told_done_) tell();
  phase_ = std::move(phase);
  done_ = 0;
  total_ = total;
  tell();
}

void RowProgress::add(std::uint64_t rows) {
  if (to_ == nullptr) return;
  done_ += rows;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock && now_() - told_ >= between_) tell();
}

void RowProgress::tell() {
  told_ = now_();
  told_done_ = done_;
  to_->update(phase_, told_done_, total_);
}

}  // namespace provender::offline

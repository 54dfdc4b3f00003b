#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "serving/prepared.hpp"

namespace provender::serving {

/// The rows that a store gave for one read, judged: headers and checksums read, ttl applied. Values
/// are decoded by cell(). Keeps its memory from one read to the next; valid while the store's rows
/// are.
class Answer final : public OnlineFeatures {
 public:
  /// `lookups` and `rows` as the store got and gave them: per row of the request, per group, per
  /// view.
  struct Input {
    const Prepared& prepared;
    std::span<const online::Lookup> lookups;
    std::span<const std::string_view> rows;
    Timestamp now;
  };
  /// `find_newer(ids)` gives a snapshot that may know the schemas of these ids, which `prepared`'s
  /// does not; it is asked once.
  template <class FindNewer>
  void fill(const Input& input, FindNewer&& find_newer) {
    begin(input);
    judge(input.lookups);
    if (unknown_.empty()) return;
    newer_ = find_newer(std::span<const std::uint32_t>(unknown_));
    judge(input.lookups);
  }
  /// How many rows there is memory for.
  std::size_t capacity() const { return judged_.capacity(); }
  /// Lets go of what the read referred to.
  void clear();

  std::size_t rows() const override { return views_ == 0 ? 0 : rows_.size() / views_; }
  Cell cell(std::size_t row, std::size_t feature) const override;
  Timestamp now() const override { return now_; }
  UnreadableRows unreadable() const override { return unreadable_; }

 private:
  struct Judged {
    Status status = Status::NotFound;  ///< Present: values can be read
    const codec::RowLayout* layout = nullptr;
    std::optional<Timestamp> event_timestamp;
  };
  void begin(const Input& input);
  void judge(std::span<const online::Lookup> lookups);
  Judged judge(std::string_view key, std::string_view row, std::size_t view);
  const codec::RowLayout* layout(std::uint32_t schema_id, std::size_t view) const;

  const Prepared* prepared_ = nullptr;
  std::span<const std::string_view> rows_;
  Timestamp now_;
  std::size_t views_ = 0;
  std::shared_ptr<const LoadedSnapshot> newer_;
  std::vector<Judged> judged_;
  std::vector<std::uint32_t> unknown_;
  UnreadableRows unreadable_;
};

}  // namespace provender::serving

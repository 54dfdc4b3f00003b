#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "serving/prepared.hpp"

namespace provender::serving {

/// The rows that a store gave for one read, judged: headers and checksums read, ttl applied. Values
/// are decoded by cell(). Valid while the store's rows are.
class Answer final : public OnlineFeatures {
 public:
  /// `lookups` and `rows` as the store got and gave them: per row of the request, per group, per
  /// view. `find_newer` gives a snapshot loaded after `prepared`'s, for rows of a schema that it
  /// does not know; it is asked once.
  struct Input {
    const Prepared& prepared;
    std::span<const online::Lookup> lookups;
    std::span<const std::string_view> rows;
    Timestamp now;
  };
  template <class FindNewer>
  Answer(const Input& input, FindNewer&& find_newer)
      : prepared_(input.prepared), rows_(input.rows), now_(input.now) {
    if (judge(input.lookups)) return;
    newer_ = find_newer();
    judge(input.lookups);
  }

  std::size_t rows() const override { return views_ == 0 ? 0 : rows_.size() / views_; }
  Cell cell(std::size_t row, std::size_t feature) const override;
  Timestamp now() const override { return now_; }

 private:
  struct Judged {
    Status status = Status::NotFound;  ///< Present: values can be read
    const codec::RowLayout* layout = nullptr;
    std::optional<Timestamp> event_timestamp;
  };

  /// False if a row has a schema that no loaded snapshot has.
  bool judge(std::span<const online::Lookup> lookups);
  Judged judge(std::string_view key,
               std::string_view row,
               const Prepared::View& view,
               bool& unknown_schema) const;
  const codec::RowLayout* layout(std::uint32_t schema_id) const;

  const Prepared& prepared_;
  std::span<const std::string_view> rows_;
  Timestamp now_;
  std::size_t views_ = 0;
  std::shared_ptr<const LoadedSnapshot> newer_;
  std::vector<Judged> judged_;
};

}  // namespace provender::serving

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arrow/schema.hpp"

#include "provender/online_read.hpp"

#include "wire/read_reply.hpp"

namespace provender::wire {

/// The media type of an Arrow IPC stream.
inline constexpr std::string_view kArrowStream = "application/vnd.apache.arrow.stream";

/// The columns of each answer to a prepared read as Arrow: the keys, the features, and then of each
/// feature `NAME__status` and `NAME__event_timestamp`. Immutable: safe for concurrent use.
class ArrowColumns {
 public:
  /// ResourceExhausted: no memory.
  static Result<ArrowColumns> of(const PreparedRead& prepared);

  std::span<const arrow::Field> fields() const { return fields_; }
  const ArrowSchema& schema() const { return schema_.get(); }
  /// What the stream of each answer begins with.
  std::string_view head() const { return head_; }
  /// The first feature whose times are those of `feature`: of one stored row they are the same.
  std::size_t first_of_row(std::size_t feature) const { return first_of_row_[feature]; }

 private:
  std::vector<arrow::Field> fields_;
  arrow::Schema schema_;
  std::string head_;
  std::vector<std::size_t> first_of_row_;
};

struct ArrowSource {
  const PreparedRead& prepared;
  const ArrowColumns& columns;      ///< of `prepared`
  std::span<const ValueView> keys;  ///< rows × prepared.keys(), as they were asked for
  const OnlineFeatures& features;
};

/// Appends the answer to `out` as an Arrow IPC stream of one batch, a row per entity, in the order
/// asked. ResourceExhausted: a column has more bytes than a batch can have.
Result<StatusCounts> write_arrow_reply(std::string& out, const ArrowSource& source);

}  // namespace provender::wire

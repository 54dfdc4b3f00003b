/// Which source row is the value at each row of a spine: whatever the order of the rows, their cuts
/// and their way through the kernel, it is the one that a plain look at every row finds.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "pit/testing_case.hpp"

namespace {

using namespace provender::pit;

constexpr std::uint32_t kEntities = 7;

/// What the bytes say: options, how many rows the spine has, two bytes for each of them (entity,
/// time), three for each row of the source (entity and cuts, event timestamp, created timestamp).
class Input {
 public:
  enum Cut : std::uint8_t { Batch = 16, Part = 32, Slotted = 64 };

  explicit Input(std::span<const std::uint8_t> bytes) : options_(bytes[0]) {
    case_.entities = kEntities;
    std::size_t spine = bytes[1] % 48U;
    bytes = bytes.subspan(2);
    for (; spine > 0 && bytes.size() >= 2; --spine, bytes = bytes.subspan(2)) {
      case_.spine.push_back({.entity = entity(bytes[0]), .t = time(bytes[1])});
    }
    add_source(bytes);
  }

  const TestCase& test_case() const { return case_; }
  Variant variant() const {
    return {.strictly_before = (options_ & 1) != 0, .known_by = (options_ & 2) != 0};
  }
  bool has_created() const { return (options_ & 6) != 0; }
  bool last_part_first() const { return (options_ & 8) != 0; }
  bool has(std::size_t row, Cut cut) const { return (cuts_[row] & cut) != 0; }

 private:
  void add_source(std::span<const std::uint8_t> bytes) {
    for (; bytes.size() >= 3; bytes = bytes.subspan(3)) {
      const std::int64_t ts = time(bytes[1]);
      case_.entity.push_back(ts == kNoTime ? kNoEntity : entity(bytes[0]));
      case_.ts.push_back(ts);
      case_.created.push_back(time(bytes[2]));
      case_.row.push_back(static_cast<std::int64_t>(cuts_.size()));
      cuts_.push_back(bytes[0]);
    }
  }

  static std::uint32_t entity(std::uint8_t byte) {
    return byte % 8 == kEntities ? kNoEntity : byte % 8;
  }

  /// Most are near each other, some at the edges of what there is.
  static std::int64_t time(std::uint8_t byte) {
    using Limits = std::numeric_limits<std::int64_t>;
    constexpr std::array kEdges = {
        kNoTime, Limits::min() + 1, Limits::min() + 2, Limits::max() - 2, Limits::max() - 1};
    return byte < kEdges.size() ? kEdges[byte] : byte;
  }

  std::uint8_t options_;
  TestCase case_;
  std::vector<std::uint8_t> cuts_;  ///< by row of the source
};

/// Where each part begins, and the end.
std::vector<std::size_t> parts_of(const Input& input) {
  const std::size_t rows = input.test_case().ts.size();
  std::vector<std::size_t> out = {0};
  for (std::size_t row = 1; row < rows; ++row) {
    if (input.has(row, Input::Part)) out.push_back(row);
  }
  out.push_back(rows);
  return out;
}

void take_part(const Input& input, std::size_t begin, std::size_t end, RoleJoin& join) {
  if (begin == end) return;
  const bool slotted = input.variant().known_by || input.has(begin, Input::Slotted);
  Replay* const replay = slotted ? nullptr : &join.add_replay();
  for (std::size_t next = begin; begin < end; begin = next) {
    ++next;
    while (next < end && !input.has(next, Input::Batch)) {
      ++next;
    }
    const SourceBatch batch = input.test_case().batch(begin, next, input.has_created());
    replay != nullptr ? replay->take(batch) : join.slots().take(batch);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Input input({data, size});
  const TestCase& c = input.test_case();
  const TestSpine spine(c);
  RoleJoin join(spine.role, input.variant());
  const std::vector<std::size_t> parts = parts_of(input);
  for (std::size_t turn = 0; turn + 1 < parts.size(); ++turn) {
    const std::size_t part = input.last_part_first() ? parts.size() - 2 - turn : turn;
    take_part(input, parts[part], parts[part + 1], join);
  }
  const auto best = join.finish();
  if (best.size() != spine.order.size()) __builtin_trap();
  for (std::size_t position = 0; position < best.size(); ++position) {
    const TestCase::Asked& asked = c.spine[spine.order.rows()[position]];
    if (best[position] != c.best(asked, input.variant(), input.has_created())) __builtin_trap();
  }
  return 0;
}

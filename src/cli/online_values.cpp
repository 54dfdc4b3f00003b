#include "cli/online_values.hpp"

#include <optional>

namespace provender::cli {
namespace {

EntityValues copy_of(const OnlineFeatures& answer, std::size_t features) {
  EntityValues result{.values = {}, .now = answer.now()};
  for (std::size_t i = 0; i < features; ++i) {
    const Cell cell = answer.cell(0, i);
    result.values.push_back({.status = cell.status,
                             .value = to_value(cell.value),
                             .event_timestamp = cell.event_timestamp});
  }
  return result;
}

}  // namespace

Result<EntityValues> read_online(OnlineReader& reader,
                                 const std::shared_ptr<const PreparedRead>& prepared,
                                 std::span<const Value> keys) {
  std::vector<ValueView> views;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    views.push_back(to_view(keys[i], prepared->keys()[i].type));
  }
  // Shared, so that an answer which comes too late has a place to go.
  const auto answered = std::make_shared<std::optional<Result<EntityValues>>>();
  reader.read(prepared,
              views,
              [answered, features = prepared->features().size()](
                  Result<std::reference_wrapper<const OnlineFeatures>> answer) {
                if (answer) {
                  *answered = copy_of(answer->get(), features);
                } else {
                  *answered = std::move(answer).error();
                }
              });
  if (!*answered) return Error(ErrorCode::Internal, "the online store did not answer at once");
  return std::move(**answered);
}

}  // namespace provender::cli

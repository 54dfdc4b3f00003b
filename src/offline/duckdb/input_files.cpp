#include "offline/duckdb/input_files.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/try.hpp"
#include "offline/duckdb/source_reader.hpp"

namespace provender::offline {
namespace {

Result<> refuse_same(const FileStates& files,
                     const std::filesystem::path& out,
                     const std::filesystem::path& name) {
  const auto same = files.same_as(out.string());
  if (!same) return {};
  return Error(ErrorCode::InvalidArgument,
               fmt::format("the output '{}' is '{}', which is read: give the output another name",
                           name.string(),
                           *same));
}

}  // namespace

Result<FileStates> look_at_inputs(Connection& connection,
                                  const ProjectFiles& files,
                                  const HistoricalRequest& request,
                                  const std::filesystem::path& spine) {
  std::set<std::string> paths;
  SourceReader reader(connection, files, request.definitions);
  for (const SelectedView& selected : request.selection.views) {
    const FeatureView& view = *request.definitions.feature_view(selected.view);
    auto found = reader.input_files(view.source);
    if (!found) {
      return std::move(found).error().within(fmt::format("feature view '{}'", view.name));
    }
    paths.insert(found->begin(), found->end());
  }
  PROVENDER_ASSIGN(FileStates out, FileStates::of(files, std::vector(paths.begin(), paths.end())));
  if (!spine.empty()) PROVENDER_TRY(out.add(spine.string(), request.options.spine.string()));
  return out;
}

Result<> check_output_is_no_input(Connection& connection,
                                  const ProjectFiles& files,
                                  const HistoricalRequest& request,
                                  const FileStates& inputs,
                                  const std::filesystem::path& out) {
  if (std::error_code ignored; !std::filesystem::exists(out, ignored)) return {};
  PROVENDER_TRY(refuse_same(inputs, out, request.options.out));
  SourceReader reader(connection, files, request.definitions);
  for (const FeatureView& view : request.definitions.feature_views) {
    // A source that cannot be found is no concern of who does not ask for it.
    const auto found = reader.input_files(view.source);
    if (!found) continue;
    const auto states = FileStates::of(files, *found);
    if (states) PROVENDER_TRY(refuse_same(*states, out, request.options.out));
  }
  return {};
}

}  // namespace provender::offline

#include "offline/source_check.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/try.hpp"
#include "model/sql_references.hpp"
#include "offline/conversion.hpp"
#include "offline/key_types.hpp"

namespace provender::offline {
namespace {

/// Collects what is wrong between one view and its source.
class Checker {
 public:
  Checker(const FeatureView& view, const SourceInfo& source) : view_(view), source_(source) {
    for (const SourceColumn& column : source.columns) {
      if (names_.empty() || names_.back() != column.name) names_.push_back(column.name);
    }
  }

  void check_value(const std::string& what,
                   const std::string& name,
                   Type type,
                   const Location& where) {
    const std::string asked = fmt::format("{} '{}' ({})", what, name, to_string(type));
    for (const SourceColumn* column : find(asked, view_.source.column(name), where)) {
      if (convert(parse_native_type(column->native_type), type, "x")) continue;
      report(fmt::format("column '{}' of the source is {}, which does not fit {}",
                         column->name,
                         column->native_type,
                         asked),
             where);
    }
  }

  void check_timestamp(const std::string& what, const std::string& name) {
    for (const SourceColumn* column : find(what, name, view_.source.where)) {
      const NativeType native = parse_native_type(column->native_type);
      if (convert_timestamp(native, view_.source.timestamp_unit, "x")) continue;
      const bool lacks_unit = native.kind == NativeKind::Integer && !view_.source.timestamp_unit;
      report(fmt::format("column '{}' of the source is {}, which is no {}{}",
                         name,
                         column->native_type,
                         what,
                         lacks_unit
                             ? ": declare the unit of integers (timestamp_unit: s, ms, us or ns)"
                             : " (a timestamp, a date, or integers of a declared unit): a SQL "
                               "source can CAST it"),
             view_.source.where);
    }
  }

  /// The column, once for each of its types; it must be there.
  std::vector<const SourceColumn*> find(const std::string& what,
                                        const std::string& name,
                                        const Location& where) {
    auto columns = columns_named(source_, name);
    const auto lacking = source_.lacking.find(name);
    if (lacking != source_.lacking.end()) {
      report(fmt::format("{} has no column '{}' for {}, which other files of the source have",
                         lacking->second,
                         name,
                         what),
             where);
    } else if (columns.empty()) {
      report(fmt::format("the source has no column '{}' for {}{}; it has {}",
                         name,
                         what,
                         did_you_mean(name, names_),
                         names_.empty() ? "none" : join_words(names_)),
             where);
    }
    return columns;
  }

  std::vector<Problem> take() && { return std::move(problems_); }

 private:
  void report(const std::string& message, const Location& where) {
    problems_.push_back({.where = where.line == 0 ? view_.where : where,
                         .message = fmt::format("feature view '{}': {}", view_.name, message)});
  }

  const FeatureView& view_;
  const SourceInfo& source_;
  std::vector<std::string> names_;
  std::vector<Problem> problems_;
};

/// Inspects the sources of one project.
class Resolution {
 public:
  Resolution(OfflineStore& store, Definitions& definitions, const Control& control)
      : store_(store), definitions_(definitions), control_(control) {}

  Result<ResolvedSources> run() {
    PROVENDER_TRY(check_sql_views());
    for (const FeatureView& view : definitions_.feature_views) {
      PROVENDER_TRY(check_view(view));
    }
    append(keys_.assign(definitions_));
    return std::move(out_);
  }

 private:
  Result<> check_sql_views() {
    for (const SqlView& view : definitions_.sql_views) {
      const Source source{.kind = Source::Kind::View, .text = view.name};
      if (has_broken_view(source)) continue;
      for (const SqlView* needed : needed_sql_views(definitions_, source)) {
        if (checked_.contains(needed)) continue;
        PROVENDER_TRY(check_sql_view(*needed));
        if (broken_.contains(needed)) break;
      }
    }
    return {};
  }

  Result<> check_sql_view(const SqlView& view) {
    checked_.insert(&view);
    auto found = inspect({.kind = Source::Kind::View, .text = view.name});
    if (found) return {};
    if (found.error().code() == ErrorCode::Cancelled) return std::move(found).error();
    broken_.insert(&view);
    out_.problems.push_back({.where = view.where, .message = std::string(found.error().message())});
    return {};
  }

  Result<> check_view(const FeatureView& view) {
    if (has_broken_view(view.source)) {
      keys_.skip(view);
      return {};
    }
    auto source = inspect(view.source);
    if (!source) {
      if (source.error().code() == ErrorCode::Cancelled) return std::move(source).error();
      out_.problems.push_back(
          {.where = view.source.where.line == 0 ? view.where : view.source.where,
           .message = fmt::format("feature view '{}': {}", view.name, source.error().message())});
      keys_.skip(view);
      return {};
    }
    append(check_source(definitions_, view, *source));
    keys_.note(definitions_, view, *source);
    if (source->rows) out_.rows.emplace(view.name, *source->rows);
    return {};
  }

  Result<SourceInfo> inspect(const Source& source) {
    if (control_.stop.stop_requested()) {
      return Error(ErrorCode::Cancelled, "stopped while the sources were checked");
    }
    return store_.inspect(definitions_, source, control_);
  }

  /// Whether a SQL view that was found wrong is read, directly or through others.
  bool has_broken_view(const Source& source) const {
    return std::ranges::any_of(needed_sql_views(definitions_, source),
                               [&](const SqlView* view) { return broken_.contains(view); });
  }

  void append(std::vector<Problem> problems) {
    std::ranges::move(problems, std::back_inserter(out_.problems));
  }

  OfflineStore& store_;
  Definitions& definitions_;
  const Control& control_;
  KeyTyper keys_;
  std::set<const SqlView*> checked_;
  std::set<const SqlView*> broken_;
  ResolvedSources out_;
};

}  // namespace

std::vector<Problem> check_source(const Definitions& definitions,
                                  const FeatureView& view,
                                  const SourceInfo& source) {
  Checker checker(view, source);
  for (const JoinKey& key : join_keys(definitions, view)) {
    if (key.type) {
      checker.check_value("join key", key.name, *key.type, view.source.where);
    } else {
      checker.find("join key '" + key.name + "'", view.source.column(key.name), view.source.where);
    }
  }
  checker.check_timestamp("event timestamp", view.source.event_timestamp);
  if (view.source.created_timestamp) {
    checker.check_timestamp("created timestamp", *view.source.created_timestamp);
  }
  for (const Feature& feature : view.features) {
    checker.check_value("feature", feature.name, feature.type, feature.where);
  }
  return std::move(checker).take();
}

Result<ResolvedSources> resolve_sources(OfflineStore& store,
                                        Definitions& definitions,
                                        const Control& control) {
  return Resolution(store, definitions, control).run();
}

}  // namespace provender::offline

#pragma once

#include <span>
#include <string>

#include "provender/catalog.hpp"
#include "provender/materialize.hpp"

#include "base/json/writer.hpp"

namespace provender::cli {

/// "user_id string, movie_id int64".
std::string keys_text(std::span<const PreparedRead::Key> keys);
/// "7d", or "unlimited".
std::string ttl_text(const std::optional<Duration>& ttl);
/// A source on one line: SQL is cut of its line breaks.
std::string source_text(std::string_view source);

/// The members of a thing in the catalog as JSON; `status` of the views.
void write_feature(json::Writer& writer,
                   const FeatureInfo& feature,
                   std::span<const ViewStatus> status);
void write_entity(json::Writer& writer, const EntityInfo& entity);
void write_view(json::Writer& writer, const ViewInfo& view, std::span<const ViewStatus> status);
void write_service(json::Writer& writer, const ServiceInfo& service);

}  // namespace provender::cli

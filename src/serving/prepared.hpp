#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "provender/online_read.hpp"

#include "codec/row_codec.hpp"
#include "model/selection.hpp"
#include "online/online_store.hpp"
#include "registry/snapshot.hpp"

namespace provender::serving {

/// A snapshot with the layouts of its schemas. Immutable.
struct LoadedSnapshot {
  explicit LoadedSnapshot(std::shared_ptr<const registry::Snapshot> from);

  std::shared_ptr<const registry::Snapshot> snapshot;
  std::unordered_map<std::uint32_t, codec::RowLayout> layouts;  ///< by schema id

  std::vector<std::string> known_keys;  ///< of all entities and roles

  const codec::RowLayout* layout(std::uint32_t schema_id) const;
};

/// A request resolved against a loaded snapshot: which rows to ask for, and which field of which
/// row each feature is.
class Prepared final : public PreparedRead {
 public:
  /// Views whose rows share a key: of one entity set, keyed by the same columns of the request.
  struct Group {
    std::uint32_t entity_set;
    std::vector<std::size_t> key_columns;  ///< per join key: index into keys()
    std::vector<std::uint32_t> store_ids;  ///< one per view, ascending, as they are stored
  };
  /// One view in one role. Views stand in the order of the groups' store ids.
  struct View {
    std::string name;
    std::optional<Duration> ttl;
    std::uint32_t schema_id = 0;  ///< of what is written now; some rows may have an older one
    const codec::RowLayout* layout = nullptr;  ///< of that schema; null: it is not known
  };
  /// Where a feature's value is.
  struct Field {
    std::size_t view = 0;
    Type type;
    std::optional<std::uint16_t> id;           ///< nullopt: the serving rows do not have it yet
    const codec::RowLayout* layout = nullptr;  ///< the view's, if it has the field
    std::size_t slot = 0;                      ///< in that layout

    /// Where rows of a layout have it; nullopt: they do not.
    std::optional<std::size_t> slot_in(const codec::RowLayout& rows) const noexcept {
      if (&rows == layout) return slot;
      return id ? rows.slot(*id) : std::nullopt;
    }
  };

  static Result<std::shared_ptr<const Prepared>> make(std::shared_ptr<const LoadedSnapshot> loaded,
                                                      const Selection& selection);

  std::span<const Key> keys() const override { return keys_; }
  std::span<const Feature> features() const override { return features_; }
  std::span<const std::string> known_keys() const override { return loaded_->known_keys; }
  std::uint64_t revision() const override { return loaded_->snapshot->revision; }

  const LoadedSnapshot& loaded() const { return *loaded_; }
  std::span<const Group> groups() const { return groups_; }
  std::span<const View> views() const { return views_; }
  const Field& field(std::size_t feature) const { return fields_[feature]; }

 private:
  explicit Prepared(std::shared_ptr<const LoadedSnapshot> loaded) : loaded_(std::move(loaded)) {}
  Result<> add_keys(const Selection& selection);
  Result<std::vector<std::size_t>> add_views(const Selection& selection);
  Result<> add_features(const Selection& selection, const std::vector<std::size_t>& view_places);

  std::shared_ptr<const LoadedSnapshot> loaded_;
  std::vector<Key> keys_;
  std::vector<Feature> features_;
  std::vector<Group> groups_;
  std::vector<View> views_;
  std::vector<Field> fields_;
};

}  // namespace provender::serving

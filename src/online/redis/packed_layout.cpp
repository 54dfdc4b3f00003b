#include <array>
#include <charconv>

#include <openssl/evp.h>

#include "base/digits.hpp"
#include "base/try.hpp"
#include "online/redis/layout.hpp"
#include "online/redis/script.hpp"

namespace provender::online::redis {
namespace {

/// A number as decimal text, without an allocation.
class Decimal {
 public:
  explicit Decimal(std::uint64_t number)
      : end_(std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr) {}
  Decimal(const Decimal&) = delete;
  Decimal& operator=(const Decimal&) = delete;
  ~Decimal() = default;
  std::string_view text() const { return {digits_.data(), end_}; }

 private:
  std::array<char, 20> digits_{};
  const char* end_;
};

class PackedLayout final : public Layout {
 public:
  PackedLayout(std::string prefix, bool is_cluster)
      : prefix_(std::move(prefix)),
        is_cluster_(is_cluster),
        script_name_(script_name(kUpsertPacked)) {}

  std::string_view name() const override { return "packed"; }
  std::string pattern() const override { return glob_escaped(prefix_) + "[0-9]*"; }
  std::string header_key() const override { return prefix_ + "provender"; }
  std::string_view script() const override { return kUpsertPacked; }

  Result<std::shared_ptr<const RowNames>> read(Call& call, const Lookup& lookup) const override {
    std::string& out = call.begin(Call::kAnySlot);
    append_head(out, 2 + lookup.store_ids.size());
    append_argument(out, "HMGET");
    append_key(call, out, {.set = lookup.entity_set, .key = lookup.key});
    for (const std::uint32_t id : lookup.store_ids) {
      append_argument(out, id);
    }
    return nullptr;
  }

  Result<> found(const Answer& answer, FoundRows& into) const override {
    const Reply& reply = answer.reply;
    const std::size_t count = answer.lookup.store_ids.size();
    if (!reply.is_flat_array(count)) return malformed();
    for (std::size_t i = 1; i <= count; ++i) {
      into.rows.push_back(reply.kind(i) == Reply::Kind::String ? reply.text(i)
                                                               : std::string_view());
    }
    return {};
  }

  Result<> write(Call& call, std::span<const WriteRow> rows) const override {
    std::string& out = call.begin(Call::kAnySlot);
    append_head(out, 4 + 3 * rows.size());
    append_argument(out, "EVALSHA");
    append_argument(out, script_name_);
    append_argument(out, "1");
    append_key(call, out, {.set = rows.front().entity_set, .key = rows.front().key});
    for (const WriteRow& row : rows) {
      append_argument(out, row.store_id);
    }
    for (const WriteRow& row : rows) {
      append_argument(out, row.store_id);
      append_argument(out, row.row);
    }
    return {};
  }

  bool can_insert() const override { return true; }

  void insert(Call& call, const WriteRow& row) const override {
    std::string& out = call.begin(Call::kAnySlot);
    append_head(out, 4);
    append_argument(out, "HSETNX");
    append_key(call, out, {.set = row.entity_set, .key = row.key});
    append_argument(out, row.store_id);
    append_argument(out, row.row);
  }

  void remove(Call& call, std::string_view key, std::span<const std::uint32_t> ids) const override {
    std::string& out = call.begin(slot_of(key));
    append_head(out, 2 + ids.size());
    append_argument(out, "HDEL");
    append_argument(out, key);
    for (const std::uint32_t id : ids) {
      append_argument(out, id);
    }
  }

  void count(Call& call, std::string_view key) const override {
    append_command(call.begin(slot_of(key)), {"HLEN", key});
  }

 private:
  static Error malformed() {
    return {ErrorCode::Corruption,
            "redis: the answer to HMGET does not have a value for each field"};
  }

  struct EntityKey {
    std::uint32_t set;
    std::string_view key;
  };
  /// Appends the key to the command of `call` that was begun, for the server of its slot.
  void append_key(Call& call, std::string& out, EntityKey entity) const {
    const Decimal set(entity.set);
    const std::size_t size = prefix_.size() + set.text().size() + 1 + entity.key.size();
    append_argument_head(out, size);
    const std::size_t begin = out.size();
    out.append(prefix_).append(set.text()).append(1, ':').append(entity.key);
    if (is_cluster_) call.set_slot(slot_of(std::string_view(out).substr(begin)));
    out += kEnd;
  }

  std::string prefix_;
  bool is_cluster_;
  std::string script_name_;
};

}  // namespace

std::unique_ptr<const Layout> make_packed_layout(std::string prefix, bool is_cluster) {
  return std::make_unique<PackedLayout>(std::move(prefix), is_cluster);
}

std::string glob_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string script_name(std::string_view script) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(script.data(),
             script.size(),
             reinterpret_cast<unsigned char*>(digest.data()),
             &size,
             EVP_sha1(),
             nullptr);
  return hex_encode(std::string_view(digest).substr(0, size));
}

}  // namespace provender::online::redis

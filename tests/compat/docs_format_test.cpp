#include <filesystem>
#include <limits>

#include "compat/example_page.hpp"
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "codec/key_codec.hpp"
#include "codec/row_codec.hpp"
#include "codec/value_columns.hpp"
#include "online/lmdb/lmdb_store.hpp"
#include "online/lmdb/store_header.hpp"
#include "online/lmdb/sync_file.hpp"
#include "online/redis/acl.hpp"
#include "online/redis/layout.hpp"
#include "online/store_key.hpp"

// The examples of docs/format are what the code writes and reads. They are also its oldest bytes:
// whoever changes a format keeps the old example and adds a new one.

namespace provender {
namespace {

constexpr Type kString{.kind = Kind::String};
constexpr Type kInt64{.kind = Kind::Int64};
constexpr Type kFloat64{.kind = Kind::Float64};
constexpr Type kStrings{.kind = Kind::String, .is_list = true};
constexpr Type kFloats{.kind = Kind::Float32, .is_list = true};

const std::vector<std::pair<Type, Value>> kCells = {
    {kString, {std::string("power_user")}},
    {kInt64, {std::int64_t{47}}},
    {kFloat64, {}},
    {kStrings, {ValueList{{std::string("drama")}, {}, {std::string("noir")}}}},
    {kFloats, {ValueList{{0.5F}, {-0.0F}}}}};
const RowSchema kSchema{.id = 7,
                        .fields = {{.id = 1, .type = kString},
                                   {.id = 2, .type = kInt64},
                                   {.id = 3, .type = kFloat64},
                                   {.id = 4, .type = kStrings},
                                   {.id = 5, .type = kFloats}}};

RowOrder example_order() {
  return {.event_timestamp = parse_timestamp("2026-05-07T22:00:00Z")->time_since_epoch().count(),
          .created_timestamp = std::numeric_limits<std::int64_t>::min(),
          .sequence = 0};
}

std::string user_key() {
  return example_bytes("entity_key.md", "user");
}

TEST(FormatPages, EntityKeyOfOnePart) {
  const std::string user = "8a2f";
  const auto key = codec::encode_key(std::vector{ValueView(Kind::String, user)});
  EXPECT_EQ(*key, user_key());
  EXPECT_EQ(codec::decode_key(user_key(), std::vector{kString})->front(), Value{user});
}

TEST(FormatPages, EntityKeyOfATuple) {
  const std::string bytes("a\0b", 3);
  const auto key = codec::encode_key(std::vector{ValueView(std::int32_t{-1}),
                                                 ValueView(std::int64_t{47}),
                                                 ValueView(Kind::Bytes, bytes),
                                                 ValueView(true)});
  EXPECT_EQ(*key, example_bytes("entity_key.md", "tuple"));
}

TEST(FormatPages, RowIsWhatIsWritten) {
  std::string row;
  ASSERT_TRUE(codec::RowEncoder(kSchema).encode(
      user_key(), example_order(), codec::ValueRow(kCells).columns(), 0, row));
  EXPECT_EQ(row, example_bytes("row.md", "row"));
}

void expect_example_row(std::string_view row) {
  const auto header = codec::read_header(user_key(), row);
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->order, example_order());
  EXPECT_EQ(header->schema_id, kSchema.id);
  const codec::RowLayout layout(kSchema);
  for (std::size_t slot = 0; slot < kCells.size(); ++slot) {
    const auto value = layout.read(row, slot);
    ASSERT_TRUE(value) << slot;
    EXPECT_EQ(to_value(*value), kCells[slot].second) << slot;
  }
}

TEST(FormatPages, RowIsRead) {
  expect_example_row(example_bytes("row.md", "row"));
}

TEST(FormatPages, LmdbKey) {
  std::string key;
  const std::string user = user_key();
  online::assign_store_key(key, {.entity_set = 1, .key = user, .store_id = 3});
  EXPECT_EQ(key, example_bytes("lmdb.md", "key"));
}

TEST(FormatPages, LmdbHeader) {
  const auto header = online::lmdb::decode_header(example_text("lmdb.md"));
  ASSERT_TRUE(header) << header.error().message();
  EXPECT_EQ(header->format, 1);
  EXPECT_EQ(header->project, "streaming");
  EXPECT_EQ(header->registry_id, "4b1d0f2e");
  EXPECT_EQ(*online::lmdb::encode_header(*header), example_text("lmdb.md"));
}

TEST(FormatPages, RedisKeyAndRead) {
  const auto layout = online::redis::make_packed_layout("streaming:", /*is_cluster=*/false);
  const std::string user = user_key();
  const std::vector<std::uint32_t> store_ids = {3, 12};
  online::redis::Call call;
  ASSERT_TRUE(layout->read(call, {.entity_set = 1, .key = user, .store_ids = store_ids}));
  const std::string read = example_bytes("redis.md", "read");
  EXPECT_EQ(call.bytes(), read);
  EXPECT_NE(read.find(example_bytes("redis.md", "key")), std::string::npos);
}

class OldStore : public testing::Test {
 public:
  OldStore(const OldStore&) = delete;
  OldStore& operator=(const OldStore&) = delete;
  OldStore(OldStore&&) = delete;
  OldStore& operator=(OldStore&&) = delete;
  ~OldStore() override { std::filesystem::remove_all(folder_); }

 protected:
  OldStore()
      : folder_(std::filesystem::temp_directory_path() /
                ("provender-compat-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::copy(std::filesystem::path(PROVENDER_SOURCE_DIR) / "tests/compat/online-1",
                          folder_);
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      std::filesystem::permissions(
          file, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
    }
  }

  std::filesystem::path folder_;
};

TEST_F(OldStore, OfFormat1IsOpenedReadAndWritten) {
  const auto store =
      online::open_lmdb_store({.path = folder_, .project = "streaming", .registry_id = "4b1d0f2e"});
  ASSERT_TRUE(store) << store.error().message();
  const std::string key = user_key();
  const std::uint32_t store_id = 3;
  const online::Lookup lookup{.entity_set = 1, .key = key, .store_ids = std::span(&store_id, 1)};
  (*store)->read(std::span(&lookup, 1), [](Result<std::span<const std::string_view>> rows) {
    ASSERT_TRUE(rows) << rows.error().message();
    expect_example_row(rows->front());
  });
  const std::string row = example_bytes("row.md", "row");
  const online::WriteRow again{.entity_set = 1, .key = key, .store_id = 4, .row = row};
  EXPECT_TRUE((*store)->write(std::span(&again, 1)));
}

TEST_F(OldStore, HasTheRecordOfThePage) {
  const auto file = online::lmdb::SyncFile::open(folder_ / "synced", O_RDWR);
  ASSERT_TRUE(file);
  const std::string example = example_bytes("lmdb.md", "synced");
  EXPECT_EQ(*file->file().read_at(4096, example.size()), example);
  const auto record = file->read();
  ASSERT_TRUE(record) << record.error().message();
  EXPECT_EQ(record->meta.transaction(), 2);
  ASSERT_TRUE(file->reset(*record));  // writing number 1
  ASSERT_TRUE(file->write(*record));
  EXPECT_EQ(*file->file().read_at(4096, example.size()), example);
}

TEST(FormatPages, RightsOfAUserOfRedis) {
  EXPECT_EQ(example_text("redis.md"), std::string(online::redis::kNeededCommands) + "\n");
}

}  // namespace
}  // namespace provender

#include "format/refs_dump.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "format/graveler.h"
#include "format/identity.h"
#include "format/table_reader.h"
#include "format/table_writer.h"
#include "format/tasks.h"
#include "model/errors.h"
#include "model/ids.h"
#include "model/records.h"

namespace varve::format {
namespace {

// The messages' descriptors in protobuf's JSON form. lakeFS varies the white space between builds
// and nobody reads them back; these are the ones that the golden files have.
constexpr std::string_view CommitSchema =
    R"({"name":"CommitData", "field":[{"name":"id", "number":1, "label":"LABEL_OPTIONAL", )"
    R"("type":"TYPE_STRING", "jsonName":"id"}, {"name":"committer", "number":2, )"
    R"("label":"LABEL_OPTIONAL", "type":"TYPE_STRING", "jsonName":"committer"}, )"
    R"({"name":"message", "number":3, "label":"LABEL_OPTIONAL", "type":"TYPE_STRING", )"
    R"("jsonName":"message"}, {"name":"creation_date", "number":4, )"
    R"("label":"LABEL_OPTIONAL", "type":"TYPE_MESSAGE", )"
    R"("typeName":".google.protobuf.Timestamp", "jsonName":"creationDate"}, )"
    R"({"name":"meta_range_id", "number":5, "label":"LABEL_OPTIONAL", )"
    R"("type":"TYPE_STRING", "jsonName":"metaRangeId"}, {"name":"metadata", "number":6, )"
    R"("label":"LABEL_REPEATED", "type":"TYPE_MESSAGE", )"
    R"("typeName":".io.treeverse.lakefs.graveler.CommitData.MetadataEntry", )"
    R"("jsonName":"metadata"}, {"name":"parents", "number":7, "label":"LABEL_REPEATED", )"
    R"("type":"TYPE_STRING", "jsonName":"parents"}, {"name":"version", "number":8, )"
    R"("label":"LABEL_OPTIONAL", "type":"TYPE_INT32", "jsonName":"version"}, )"
    R"({"name":"generation", "number":9, "label":"LABEL_OPTIONAL", "type":"TYPE_INT32", )"
    R"("jsonName":"generation"}], "nestedType":[{"name":"MetadataEntry", )"
    R"("field":[{"name":"key", "number":1, "label":"LABEL_OPTIONAL", "type":"TYPE_STRING", )"
    R"("jsonName":"key"}, {"name":"value", "number":2, "label":"LABEL_OPTIONAL", )"
    R"("type":"TYPE_STRING", "jsonName":"value"}], "options":{"mapEntry":true}}]})";
constexpr std::string_view BranchSchema =
    R"({"name":"BranchData", "field":[{"name":"id", "number":1, "label":"LABEL_OPTIONAL", )"
    R"("type":"TYPE_STRING", "jsonName":"id"}, {"name":"commit_id", "number":2, )"
    R"("label":"LABEL_OPTIONAL", "type":"TYPE_STRING", "jsonName":"commitId"}, )"
    R"({"name":"staging_token", "number":3, "label":"LABEL_OPTIONAL", )"
    R"("type":"TYPE_STRING", "jsonName":"stagingToken"}, {"name":"sealed_tokens", )"
    R"("number":4, "label":"LABEL_REPEATED", "type":"TYPE_STRING", )"
    R"("jsonName":"sealedTokens"}, {"name":"hidden", "number":5, "label":"LABEL_OPTIONAL", )"
    R"("type":"TYPE_BOOL", "jsonName":"hidden"}]})";
constexpr std::string_view TagSchema =
    R"({"name":"TagData", "field":[{"name":"id", "number":1, "label":"LABEL_OPTIONAL", )"
    R"("type":"TYPE_STRING", "jsonName":"id"}, {"name":"commit_id", "number":2, )"
    R"("label":"LABEL_OPTIONAL", "type":"TYPE_STRING", "jsonName":"commitId"}]})";

constexpr std::string_view EntityProperty = "entity";
constexpr std::int32_t CommitVersionMax = 1;

Properties properties_of(std::string_view entity, std::string_view message,
                         std::string_view schema) {
  return {{std::string(EntityProperty), std::string(entity)},
          {"schema_name", std::string("io.treeverse.lakefs.graveler.").append(message)},
          {"schema_definition", std::string(schema)}};
}

}  // namespace

std::string_view to_string(DumpKind kind) {
  switch (kind) {
    case DumpKind::Commits:
      return "commits";
    case DumpKind::Branches:
      return "branches";
    case DumpKind::Tags:
      return "tags";
  }
  return {};
}

Properties dump_properties(DumpKind kind) {
  switch (kind) {
    case DumpKind::Commits:
      return properties_of("commit", "CommitData", CommitSchema);
    case DumpKind::Branches:
      return properties_of("branch", "BranchData", BranchSchema);
    case DumpKind::Tags:
      return properties_of("tag", "TagData", TagSchema);
  }
  return {};
}

base::Result<void> check_dump_kind(DumpKind kind, std::string_view bytes) {
  TableOptions options;
  options.name = to_string(kind);
  VARVE_TRY(const std::shared_ptr<const Table> table,
            Table::open(base::SharedBytes(bytes, nullptr), std::move(options)));
  VARVE_TRY(Properties properties, table->properties());
  const std::string wanted = dump_properties(kind).at(std::string(EntityProperty));
  const auto entity = properties.find(std::string(EntityProperty));
  if (entity != properties.end() && entity->second == wanted) return {};
  const std::string is = entity == properties.end()
                             ? std::string("is no dump of refs")
                             : "is a dump of another entity, '" + entity->second + "'";
  return base::Error(base::Code::InvalidArgument,
                     "the metarange " + is + "; wanted '" + wanted + "'");
}

base::Result<DumpRecord> dump_commit(const model::Commit& commit) {
  VARVE_TRY(base::Bytes data, encode_commit(commit));
  return DumpRecord{commit.id.str(), commit.id.str(), std::move(data)};
}

base::Result<DumpRecord> dump_branch(const model::Branch& branch) {
  model::Branch bare;  // what is staged stays behind
  bare.id = branch.id;
  bare.commit_id = branch.commit_id;
  VARVE_TRY(base::Bytes data, encode_branch(bare));
  return DumpRecord{branch.id.str(), branch.commit_id.str(), std::move(data)};
}

base::Result<DumpRecord> dump_tag(const model::Tag& tag) {
  VARVE_TRY(base::Bytes data, encode_tag(tag));
  return DumpRecord{tag.id.str(), tag.commit_id.str(), std::move(data)};
}

base::Result<model::Commit> restore_commit(std::string_view data) {
  VARVE_TRY(model::Commit commit, decode_commit(data));
  if (commit.id != commit_id(commit)) return model::invalid_value("commit id");  // [I-2]
  if (commit.generation == 0) {
    return base::Error(base::Code::InvalidArgument,
                       "dumps from lakeFS before 0.61 have no generations: cannot restore");
  }
  if (commit.version < 0 || commit.version > CommitVersionMax) {
    return base::Error(base::Code::InvalidArgument, "commit " + commit.id.str() + ": version " +
                                                        std::to_string(commit.version) +
                                                        " is not known; known are 0 and 1");
  }
  return commit;
}

base::Result<model::Branch> restore_branch(std::string_view data) { return decode_branch(data); }

base::Result<model::Tag> restore_tag(std::string_view data) { return decode_tag(data); }

namespace {

// Reads an object of strings: all that the manifest may be. Ids need no escapes, so none but the
// three plain ones is understood.
class ManifestReader {
 public:
  explicit ManifestReader(std::string_view text) : text_(text) {}

  bool read(model::Metadata& members) {
    if (!take('{')) return false;
    if (take('}')) return at_end();
    do {
      std::string name;
      std::string value;
      if (!string(name) || !take(':') || !string(value)) return false;
      members.insert_or_assign(std::move(name), std::move(value));
    } while (take(','));
    return take('}') && at_end();
  }

 private:
  void skip_space() {
    const std::size_t past = text_.find_first_not_of(" \t\r\n");
    text_.remove_prefix(past == text_.npos ? text_.size() : past);
  }

  bool at_end() {
    skip_space();
    return text_.empty();
  }

  bool take(char c) {
    skip_space();
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool string(std::string& out) {
    if (!take('"')) return false;
    while (!text_.empty()) {
      char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\') {
        if (text_.empty() || std::string_view("\"\\/").find(text_.front()) == text_.npos)
          return false;
        c = text_.front();
        text_.remove_prefix(1);
      }
      out.push_back(c);
    }
    return false;
  }

  std::string_view text_;
};

base::Error bad_manifest(std::string_view what) {
  return {base::Code::Corruption, std::string("refs manifest: ").append(what)};
}

}  // namespace

std::string encode_refs_manifest(const RefsDump& dump) {
  const auto member = [](std::string_view name, const model::MetaRangeId& id) {
    return std::string("  \"").append(name).append("_meta_range_id\": \"").append(id.view()) + "\"";
  };
  return "{\n" + member("branches", dump.branches) + ",\n" + member("commits", dump.commits) +
         ",\n" + member("tags", dump.tags) + "\n}";
}

base::Result<RefsDump> decode_refs_manifest(std::string_view text) {
  model::Metadata members;
  if (!ManifestReader(text).read(members)) return bad_manifest("not a JSON object of strings");
  RefsDump dump;
  const auto take = [&members](const char* name, model::MetaRangeId& id) {
    id = model::MetaRangeId(members[name]);
    return !id.empty() && id.view().find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  if (!take("branches_meta_range_id", dump.branches)) return bad_manifest("no branches");
  if (!take("commits_meta_range_id", dump.commits)) return bad_manifest("no commits");
  if (!take("tags_meta_range_id", dump.tags)) return bad_manifest("no tags");
  return dump;
}

}  // namespace varve::format

#include "tests/scenario/engine_driver.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/dump/dump.h"
#include "engine/harness_test.h"
#include "engine/imports/imports.h"
#include "tests/scenario/engine_values.h"
#include "tests/scenario/stores.h"

namespace varve::scenario {

namespace {

using base::run;
using engine::as;
using model::BranchId;
using model::ObjectPath;
using model::TagId;

class TextSource final : public engine::ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  base::Task<Result<base::Bytes>> read(std::size_t bytes_max) override {
    base::Bytes part(text_.substr(0, bytes_max));
    text_.erase(0, bytes_max);
    co_return part;
  }

 private:
  std::string text_;
};

Result<model::RefExpr> parsed(const std::string& text) { return model::parse_ref_expr(text); }

Result<void> dropped(auto result) {
  if (!result.has_value()) return std::move(result).error();
  return {};
}

class EngineDriver final : public Driver {
 public:
  EngineDriver() { EXPECT_TRUE(create_repository(RepositoryKind::Ordinary).has_value()); }

  void use_force(bool is_forced) override { is_forced_ = is_forced; }

  Result<void> put(std::string branch, std::string path, std::string content,
                   PutOptions options) override {
    VARVE_TRY(auto lake, repository());
    engine::Uploads& uploads = server_.engine().uploads();
    VARVE_TRY(engine::Uploaded stored,
              run(uploads.upload(as("admin"), lake, std::make_unique<TextSource>(content))));
    model::Entry entry;
    entry.address = std::move(stored.address);
    entry.size = stored.size;
    entry.etag = std::move(stored.etag);
    entry.last_modified = stored.last_modified;
    entry.content_type = "text/plain";
    entry.metadata = std::move(options.metadata);
    engine::StageOptions how = stage_options();
    if (options.is_if_absent) {
      how.condition = engine::WriteCondition(engine::WriteCondition::Kind::IfAbsent);
    }
    auto staged =
        run(objects().stage(as("admin"), lake, BranchId(branch), ObjectPath(path), entry, how));
    // Said in the words of the API (rest-semantics.md 6.3).
    if (!staged.has_value() && model::is(staged.error(), model::Detail::PathExists)) {
      return base::Error(base::Code::PreconditionFailed, "path already exists");
    }
    return staged;
  }

  Result<void> erase(std::string branch, std::vector<std::string> paths) override {
    VARVE_TRY(auto lake, repository());
    if (paths.size() == 1) {
      return run(objects().erase(as("admin"), lake, BranchId(branch), ObjectPath(paths.front()),
                                 is_forced_));
    }
    std::vector<ObjectPath> all;
    for (std::string& path : paths) all.emplace_back(std::move(path));
    VARVE_TRY(auto errors,
              run(objects().erase_many(as("admin"), lake, BranchId(branch), all, is_forced_)));
    if (!errors.empty()) return errors.front().error;
    return {};
  }

  Result<std::string> show(std::string at, std::string path) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::Entry entry, entry_at(at, path));
    VARVE_TRY(auto reader, run(server_.engine().uploads().open(as("admin"), lake, std::move(entry),
                                                               ports::ByteRange())));
    std::string content;
    for (;;) {
      VARVE_TRY(base::Bytes bytes, run(reader->read(4096)));
      if (bytes.empty()) return content;
      content += bytes;
    }
  }

  Result<ObjectView> stat(std::string at, std::string path) override {
    VARVE_TRY(model::Entry entry, entry_at(at, path));
    return ObjectView{.size = entry.size, .metadata = std::move(entry.metadata)};
  }

  Result<void> annotate(std::string branch, std::string path, Metadata metadata) override {
    VARVE_TRY(auto lake, repository());
    return run(objects().update_metadata(as("admin"), lake, BranchId(branch), ObjectPath(path),
                                         std::move(metadata)));
  }

  Result<Listing> list(std::string at, ListOptions options) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr ref, parsed(at));
    engine::ObjectQuery query;
    query.prefix = std::move(options.prefix);
    query.after = std::move(options.after);
    query.delimiter = std::move(options.delimiter);
    query.amount = options.amount;
    VARVE_TRY(engine::ObjectPage page, run(objects().list(as("admin"), lake, ref, query)));
    Listing listing;
    listing.has_more = page.has_more;
    for (engine::ObjectRow& row : page.rows) listing.rows.push_back(std::move(row.path));
    return listing;
  }

  // The bytes stay where they are; the API copies them, which nobody sees here.
  Result<void> copy(std::string branch, std::string from, std::string to, std::string at) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::Entry entry, entry_at(at.empty() ? branch : at, from));
    return run(objects().stage(as("admin"), lake, BranchId(branch), ObjectPath(to), entry,
                               stage_options()));
  }

  Result<std::string> commit(std::string branch, CommitOptions options) override {
    VARVE_TRY(auto lake, repository());
    engine::CommitRequest request;
    request.message = std::move(options.message);
    request.metadata = std::move(options.metadata);
    request.date = options.date;
    request.allow_empty = options.allow_empty;
    request.force = is_forced_;
    if (!options.tree.empty()) request.source_meta_range = model::MetaRangeId(options.tree);
    VARVE_TRY(engine::CommitRef commit,
              run(commits().commit(as("admin"), lake, BranchId(branch), request)));
    return commit->id.str();
  }

  Result<Log> log(std::string at, LogOptions options) override {
    VARVE_TRY(auto lake, repository());
    engine::LogQuery query;
    auto ref = parsed(at);
    if (!ref.has_value()) return std::move(ref).error().with("ref");
    query.ref = *std::move(ref);
    if (!options.after.empty()) {
      VARVE_TRY(query.after, parsed(options.after));
    }
    if (!options.stop_at.empty()) {
      VARVE_TRY(query.stop_at, parsed(options.stop_at));
    }
    if (options.since.has_value()) query.since = base::Timestamp{*options.since, 0};
    query.objects = std::move(options.objects);
    query.prefixes = std::move(options.prefixes);
    query.amount = options.amount;
    query.is_limit = options.is_limit;
    query.first_parent = options.first_parent;
    VARVE_TRY(engine::LogPage page, run(commits().log(as("admin"), lake, query)));
    Log log;
    log.has_more = page.has_more;
    for (const engine::CommitRef& row : page.rows) log.rows.push_back(view_of(*row));
    return log;
  }

  Result<CommitView> get_commit(std::string at) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr ref, parsed(at));
    auto commit = run(refs().resolve_commit(as("admin"), lake, ref));
    if (commit.has_value()) return view_of(**commit);
    // Whatever was not found on the way, the API calls it a commit (rest-semantics.md 13.3).
    if (commit.error().code() == base::Code::NotFound) return model::commit_not_found();
    return std::move(commit).error();
  }

  Result<void> record(CommitView commit) override {
    VARVE_TRY(auto lake, repository());
    return run(commits().create_record(as("admin"), lake, commit_of(commit), is_forced_));
  }

  Result<void> create_branch(std::string name, std::string source, bool is_hidden) override {
    VARVE_TRY(BranchId id, model::parse_branch_id(name));
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr ref, parsed(source));
    return dropped(run(refs().create_branch(as("admin"), lake, id, ref, is_hidden, is_forced_)));
  }
  Result<void> erase_branch(std::string name) override {
    VARVE_TRY(auto lake, repository());
    return run(refs().erase_branch(as("admin"), lake, BranchId(name), is_forced_));
  }
  Result<Listing> branches(bool with_hidden) override {
    VARVE_TRY(auto lake, repository());
    engine::RefQuery query;
    query.show_hidden = with_hidden;
    VARVE_TRY(engine::BranchPage page, run(refs().list_branches(as("admin"), lake, query)));
    Listing listing;
    for (model::Branch& row : page.rows) listing.rows.push_back(std::move(row.id).str());
    return listing;
  }
  Result<void> create_tag(std::string name, std::string at) override {
    VARVE_TRY(TagId id, model::parse_tag_id(name));
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr ref, parsed(at));
    return dropped(run(refs().create_tag(as("admin"), lake, id, ref, is_forced_)));
  }
  Result<void> erase_tag(std::string name) override {
    VARVE_TRY(auto lake, repository());
    return run(refs().erase_tag(as("admin"), lake, TagId(name), is_forced_));
  }
  Result<Listing> tags() override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(engine::TagPage page, run(refs().list_tags(as("admin"), lake, engine::RefQuery())));
    Listing listing;
    for (model::Tag& row : page.rows) listing.rows.push_back(std::move(row.id).str());
    return listing;
  }

  Result<Difference> diff(DiffKind kind, std::string left, std::string right,
                          ListOptions options) override {
    engine::DiffQuery query;
    query.prefix = std::move(options.prefix);
    query.after = std::move(options.after);
    query.delimiter = std::move(options.delimiter);
    query.amount = options.amount;
    VARVE_TRY(engine::DiffPage page, diff_page(kind, left, right, std::move(query)));
    Difference difference;
    difference.has_more = page.has_more;
    for (engine::DiffRow& row : page.rows) {
      difference.rows.push_back({std::string(engine::name_of(row.type)), std::move(row.path)});
    }
    return difference;
  }

  Result<std::string> merge(std::string source, std::string destination,
                            MergeOptions options) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr ref, parsed(source));
    engine::MergeRequest request;
    request.message = std::move(options.message);
    request.metadata = std::move(options.metadata);
    request.is_squash = options.is_squash;
    request.allow_empty = options.allow_empty;
    request.force = is_forced_;
    if (options.strategy == "source-wins") request.strategy = engine::MergeStrategy::SourceWins;
    if (options.strategy == "dest-wins") request.strategy = engine::MergeStrategy::DestinationWins;
    VARVE_TRY(model::CommitId id,
              run(merges().merge(as("admin"), lake, BranchId(destination), ref, request)));
    return id.str();
  }
  Result<std::string> merge_base(std::string left, std::string right) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr l, parsed(left));
    VARVE_TRY(model::RefExpr r, parsed(right));
    VARVE_TRY(engine::MergeBase base, run(merges().merge_base(as("admin"), lake, l, r)));
    return base.base_commit_id.str();
  }
  Result<void> revert(std::string branch, std::string at, ReplayOptions options) override {
    VARVE_TRY(auto lake, repository());
    engine::RevertRequest request;
    VARVE_TRY(request.ref, parsed(at));
    request.parent_number = options.parent.value_or(0);
    request.allow_empty = options.allow_empty;
    request.force = is_forced_;
    request.overrides = overrides_of(std::move(options));
    return dropped(run(merges().revert(as("admin"), lake, BranchId(branch), request)));
  }
  Result<std::string> cherry_pick(std::string branch, std::string at,
                                  ReplayOptions options) override {
    VARVE_TRY(auto lake, repository());
    engine::CherryPickRequest request;
    VARVE_TRY(request.ref, parsed(at));
    request.parent_number = options.parent;
    request.force = is_forced_;
    request.overrides = overrides_of(std::move(options));
    VARVE_TRY(engine::CommitRef commit,
              run(merges().cherry_pick(as("admin"), lake, BranchId(branch), request)));
    return commit->id.str();
  }

  Result<void> reset(std::string branch) override {
    VARVE_TRY(auto lake, repository());
    return run(objects().reset_branch(as("admin"), lake, BranchId(branch), is_forced_));
  }
  Result<void> reset_prefix(std::string branch, std::string prefix) override {
    VARVE_TRY(auto lake, repository());
    return run(objects().reset_prefix(as("admin"), lake, BranchId(branch), prefix, is_forced_));
  }
  Result<void> reset_object(std::string branch, std::string path) override {
    VARVE_TRY(auto lake, repository());
    return run(
        objects().reset_object(as("admin"), lake, BranchId(branch), ObjectPath(path), is_forced_));
  }
  Result<void> hard_reset(std::string branch, std::string at) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr ref, parsed(at));
    return run(commits().hard_reset(as("admin"), lake, BranchId(branch), ref, is_forced_));
  }
  Result<std::string> address(std::string branch, std::string path) override {
    VARVE_TRY(auto lake, repository());
    return uploads().signed_address(*lake, BranchId(branch), ObjectPath(path));
  }
  Result<void> link(std::string branch, std::string path, std::string address,
                    PutOptions options) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(auto linked,
              uploads().verify_linked_address(*lake, BranchId(branch), ObjectPath(path), address));
    return register_at(branch, path, address, std::move(linked), std::move(options));
  }
  Result<void> stage(std::string branch, std::string path, std::string address) override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(auto linked, uploads().verify_staged_address(*lake, address));
    return register_at(branch, path, address, std::move(linked), PutOptions());
  }
  Result<void> write(std::string address, std::string content) override {
    return stores_.write(address, content);
  }
  void wait(std::int64_t seconds) override { stores_.wait(seconds); }

  Result<void> protect(std::vector<std::string> patterns) override {
    VARVE_TRY(auto lake, repository());
    std::vector<engine::ProtectionRule> rules;
    for (std::string& pattern : patterns) {
      engine::ProtectionRule rule;
      rule.pattern = std::move(pattern);
      rules.push_back(std::move(rule));
    }
    return run(server_.engine().protection().set(as("admin"), lake, rules, std::nullopt));
  }

  Result<std::string> import(std::string branch, std::vector<ImportSource> sources,
                             CommitOptions options) override {
    VARVE_TRY(auto lake, repository());
    engine::ImportRequest request;
    for (ImportSource& one : sources) {
      engine::ImportSource source;
      if (one.is_object) source.kind = engine::ImportSource::Kind::Object;
      source.path = std::move(one.uri);
      source.destination = std::move(one.destination);
      request.sources.push_back(std::move(source));
    }
    request.message = std::move(options.message);
    request.metadata = std::move(options.metadata);
    request.force = is_forced_;
    engine::Imports& imports = server_.engine().imports();
    VARVE_CHECK(run(imports.check(as("admin"), lake, BranchId(branch), request)));
    VARVE_TRY(engine::Imported done,
              run(imports.run(as("admin"), lake, BranchId(branch), std::move(request),
                              std::make_shared<engine::ImportProgress>())));
    return done.commit->id.str();
  }

  Result<void> create_repository(RepositoryKind kind) override {
    engine::NewRepository wanted;
    wanted.id = model::RepositoryId("lake");
    wanted.storage_namespace = model::StorageNamespace("mem://lake");
    wanted.is_bare = kind == RepositoryKind::Bare;
    wanted.is_read_only = kind == RepositoryKind::ReadOnly;
    return dropped(run(server_.engine().repositories().create(as("admin"), std::move(wanted))));
  }
  Result<void> erase_repository() override {
    return run(server_.engine().repositories().erase(as("admin"), model::RepositoryId("lake"),
                                                     is_forced_));
  }
  Result<std::string> dump() override {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(format::RefsDump dump,
              run(server_.engine().dumps().dump_with_manifest(as("admin"), lake)));
    return dump.commits.str() + "," + dump.branches.str() + "," + dump.tags.str();
  }
  Result<void> restore(std::string text) override {
    VARVE_TRY(auto lake, repository());
    format::RefsDump dump;
    const std::size_t first = text.find(',');
    const std::size_t second = text.find(',', first + 1);
    dump.commits = model::MetaRangeId(text.substr(0, first));
    dump.branches = model::MetaRangeId(text.substr(first + 1, second - first - 1));
    dump.tags = model::MetaRangeId(text.substr(second + 1));
    return run(server_.engine().dumps().restore(as("admin"), lake, std::move(dump), is_forced_));
  }

 private:
  Result<engine::RepositoryRef> repository() {
    return run(server_.engine().repositories().get(as("admin"), model::RepositoryId("lake")));
  }
  Result<model::Entry> entry_at(const std::string& at, const std::string& path) {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(model::RefExpr ref, parsed(at));
    return run(objects().get(as("admin"), lake, ref, ObjectPath(path)));
  }
  Result<void> register_at(const std::string& branch, const std::string& path,
                           const std::string& address, engine::Uploads::LinkedAddress linked,
                           PutOptions options) {
    VARVE_TRY(auto lake, repository());
    VARVE_TRY(const ports::ObjectInfo info, stores_.stat(address));
    model::Entry entry;
    entry.address = std::move(linked.address);
    entry.address_type = linked.type;
    entry.size = info.size;
    entry.etag = info.etag;
    entry.last_modified = info.last_modified;
    entry.metadata = std::move(options.metadata);
    engine::StageOptions how = stage_options();
    if (options.is_if_absent) {
      how.condition = engine::WriteCondition(engine::WriteCondition::Kind::IfAbsent);
    }
    return run(objects().stage(as("admin"), lake, BranchId(branch), ObjectPath(path), entry, how));
  }
  engine::StageOptions stage_options() const {
    engine::StageOptions options;
    options.force = is_forced_;
    return options;
  }
  Result<engine::DiffPage> diff_page(DiffKind kind, const std::string& left,
                                     const std::string& right, engine::DiffQuery query) {
    VARVE_TRY(auto lake, repository());
    if (kind == DiffKind::Uncommitted) {
      return run(merges().diff_branch(as("admin"), lake, BranchId(left), query));
    }
    VARVE_TRY(model::RefExpr l, parsed(left));
    VARVE_TRY(model::RefExpr r, parsed(right));
    if (kind == DiffKind::TwoDot) {
      return run(merges().diff_two_dot(as("admin"), lake, l, r, query));
    }
    return run(merges().diff_three_dot(as("admin"), lake, l, r, query));
  }
  engine::Objects& objects() { return server_.engine().objects(); }
  engine::Uploads& uploads() { return server_.engine().uploads(); }
  engine::Commits& commits() { return server_.engine().commits(); }
  engine::Merges& merges() { return server_.engine().merges(); }
  engine::Refs& refs() { return server_.engine().refs(); }

  Stores stores_;
  engine::Server server_{stores_.kv, stores_.objects, stores_.clock, stores_.rng};
  bool is_forced_ = false;
};

}  // namespace

std::unique_ptr<Driver> make_engine_driver() { return std::make_unique<EngineDriver>(); }

}  // namespace varve::scenario

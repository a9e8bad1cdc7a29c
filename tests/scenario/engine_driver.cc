#include "tests/scenario/engine_driver.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/harness_test.h"

namespace varve::scenario {

namespace {

using base::run;
using engine::as;
using model::BranchId;
using model::ObjectPath;
using model::TagId;

CommitView view_of(const model::Commit& commit) {
  CommitView view;
  view.id = commit.id.str();
  view.message = commit.message;
  view.committer = commit.committer;
  for (const model::CommitId& parent : commit.parents) view.parents.push_back(parent.str());
  view.metadata = commit.metadata;
  return view;
}

std::string name_of(engine::DiffType type) {
  switch (type) {
    case engine::DiffType::Added:
      return "added";
    case engine::DiffType::Removed:
      return "removed";
    case engine::DiffType::Changed:
      return "changed";
    case engine::DiffType::Conflict:
      return "conflict";
    case engine::DiffType::PrefixChanged:
      return "prefix_changed";
  }
  return "";
}

Result<void> dropped(auto result) {
  if (!result.has_value()) return std::move(result).error();
  return {};
}

class EngineDriver final : public Driver {
 public:
  EngineDriver() : server_(stores_) { EXPECT_TRUE(server_.create().has_value()); }

  Result<void> put(std::string branch, std::string path, std::string content,
                   bool if_absent) override {
    engine::StageOptions options;
    if (if_absent) {
      options.condition = engine::WriteCondition(engine::WriteCondition::Kind::IfAbsent);
    }
    return server_.put(branch, path, content, std::move(options));
  }

  Result<void> erase(std::string branch, std::vector<std::string> paths) override {
    if (paths.size() == 1) return server_.erase(branch, paths.front());
    std::vector<ObjectPath> all;
    for (std::string& path : paths) all.emplace_back(std::move(path));
    auto errors = run(objects().erase_many(as("admin"), lake(), BranchId(branch), all, false));
    if (!errors.has_value()) return std::move(errors).error();
    if (!errors->empty()) return errors->front().error;
    return {};
  }

  Result<std::string> show(std::string at, std::string path) override {
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(at));
    VARVE_TRY(model::Entry entry, run(objects().get(as("admin"), lake(), ref, ObjectPath(path))));
    return entry.etag;
  }

  Result<Listing> list(std::string at, ListOptions options) override {
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(at));
    engine::ObjectQuery query;
    query.prefix = std::move(options.prefix);
    query.after = std::move(options.after);
    query.delimiter = std::move(options.delimiter);
    query.amount = options.amount;
    VARVE_TRY(engine::ObjectPage page, run(objects().list(as("admin"), lake(), ref, query)));
    Listing listing;
    listing.has_more = page.has_more;
    for (engine::ObjectRow& row : page.rows) listing.rows.push_back(std::move(row.path));
    return listing;
  }

  Result<void> copy(std::string branch, std::string from, std::string to) override {
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(branch));
    VARVE_TRY(model::Entry entry, run(objects().get(as("admin"), lake(), ref, ObjectPath(from))));
    return run(objects().stage(as("admin"), lake(), BranchId(branch), ObjectPath(to), entry,
                               engine::StageOptions()));
  }

  Result<std::string> commit(std::string branch, CommitOptions options) override {
    engine::CommitRequest request;
    request.message = std::move(options.message);
    request.metadata = std::move(options.metadata);
    request.date = options.date;
    request.allow_empty = options.allow_empty;
    VARVE_TRY(engine::CommitRef commit,
              run(commits().commit(as("admin"), lake(), BranchId(branch), request)));
    return commit->id.str();
  }

  Result<Log> log(std::string at, LogOptions options) override {
    engine::LogQuery query;
    VARVE_TRY(query.ref, model::parse_ref_expr(at));
    if (!options.after.empty()) {
      VARVE_TRY(query.after, model::parse_ref_expr(options.after));
    }
    if (!options.stop_at.empty()) {
      VARVE_TRY(query.stop_at, model::parse_ref_expr(options.stop_at));
    }
    query.objects = std::move(options.objects);
    query.prefixes = std::move(options.prefixes);
    query.amount = options.amount;
    query.is_limit = options.is_limit;
    query.first_parent = options.first_parent;
    VARVE_TRY(engine::LogPage page, run(commits().log(as("admin"), lake(), query)));
    Log log;
    log.has_more = page.has_more;
    for (const engine::CommitRef& row : page.rows) log.rows.push_back(view_of(*row));
    return log;
  }

  Result<CommitView> get_commit(std::string at) override {
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(at));
    VARVE_TRY(engine::CommitRef commit, run(refs().resolve_commit(as("admin"), lake(), ref)));
    return view_of(*commit);
  }

  Result<void> create_branch(std::string name, std::string source) override {
    VARVE_TRY(BranchId id, model::parse_branch_id(name));
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(source));
    return dropped(run(refs().create_branch(as("admin"), lake(), id, ref, false, false)));
  }
  Result<void> erase_branch(std::string name) override {
    return run(refs().erase_branch(as("admin"), lake(), BranchId(name), false));
  }
  Result<Listing> branches() override {
    VARVE_TRY(engine::BranchPage page,
              run(refs().list_branches(as("admin"), lake(), engine::RefQuery())));
    Listing listing;
    for (model::Branch& row : page.rows) listing.rows.push_back(std::move(row.id).str());
    return listing;
  }
  Result<void> create_tag(std::string name, std::string at) override {
    VARVE_TRY(TagId id, model::parse_tag_id(name));
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(at));
    return dropped(run(refs().create_tag(as("admin"), lake(), id, ref, false)));
  }
  Result<void> erase_tag(std::string name) override {
    return run(refs().erase_tag(as("admin"), lake(), TagId(name), false));
  }
  Result<Listing> tags() override {
    VARVE_TRY(engine::TagPage page, run(refs().list_tags(as("admin"), lake(), engine::RefQuery())));
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
      difference.rows.push_back({name_of(row.type), std::move(row.path)});
    }
    return difference;
  }

  Result<std::string> merge(std::string source, std::string destination,
                            MergeOptions options) override {
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(source));
    engine::MergeRequest request;
    request.message = std::move(options.message);
    request.is_squash = options.is_squash;
    request.allow_empty = options.allow_empty;
    if (options.strategy == "source-wins") request.strategy = engine::MergeStrategy::SourceWins;
    if (options.strategy == "dest-wins") request.strategy = engine::MergeStrategy::DestinationWins;
    VARVE_TRY(model::CommitId id,
              run(merges().merge(as("admin"), lake(), BranchId(destination), ref, request)));
    return id.str();
  }
  Result<std::string> merge_base(std::string left, std::string right) override {
    VARVE_TRY(model::RefExpr l, model::parse_ref_expr(left));
    VARVE_TRY(model::RefExpr r, model::parse_ref_expr(right));
    VARVE_TRY(engine::MergeBase base, run(merges().merge_base(as("admin"), lake(), l, r)));
    return base.base_commit_id.str();
  }
  Result<void> revert(std::string branch, std::string at, int parent, bool allow_empty) override {
    engine::RevertRequest request;
    VARVE_TRY(request.ref, model::parse_ref_expr(at));
    request.parent_number = parent;
    request.allow_empty = allow_empty;
    return dropped(run(merges().revert(as("admin"), lake(), BranchId(branch), request)));
  }
  Result<std::string> cherry_pick(std::string branch, std::string at,
                                  std::optional<int> parent) override {
    engine::CherryPickRequest request;
    VARVE_TRY(request.ref, model::parse_ref_expr(at));
    request.parent_number = parent;
    VARVE_TRY(engine::CommitRef commit,
              run(merges().cherry_pick(as("admin"), lake(), BranchId(branch), request)));
    return commit->id.str();
  }

  Result<void> reset(std::string branch) override {
    return run(objects().reset_branch(as("admin"), lake(), BranchId(branch), false));
  }
  Result<void> reset_prefix(std::string branch, std::string prefix) override {
    return run(objects().reset_prefix(as("admin"), lake(), BranchId(branch), prefix, false));
  }
  Result<void> reset_object(std::string branch, std::string path) override {
    return run(
        objects().reset_object(as("admin"), lake(), BranchId(branch), ObjectPath(path), false));
  }
  Result<void> hard_reset(std::string branch, std::string at) override {
    VARVE_TRY(model::RefExpr ref, model::parse_ref_expr(at));
    return run(commits().hard_reset(as("admin"), lake(), BranchId(branch), ref, false));
  }
  Result<void> protect(std::vector<std::string> patterns) override {
    std::vector<engine::ProtectionRule> rules;
    for (std::string& pattern : patterns) {
      engine::ProtectionRule rule;
      rule.pattern = std::move(pattern);
      rules.push_back(std::move(rule));
    }
    return run(server_.engine().protection().set(as("admin"), lake(), rules, std::nullopt));
  }

 private:
  Result<engine::DiffPage> diff_page(DiffKind kind, const std::string& left,
                                     const std::string& right, engine::DiffQuery query) {
    if (kind == DiffKind::Uncommitted) {
      return run(merges().diff_branch(as("admin"), lake(), BranchId(left), query));
    }
    VARVE_TRY(model::RefExpr l, model::parse_ref_expr(left));
    VARVE_TRY(model::RefExpr r, model::parse_ref_expr(right));
    if (kind == DiffKind::TwoDot) {
      return run(merges().diff_two_dot(as("admin"), lake(), l, r, query));
    }
    return run(merges().diff_three_dot(as("admin"), lake(), l, r, query));
  }
  engine::Objects& objects() { return server_.engine().objects(); }
  engine::Commits& commits() { return server_.engine().commits(); }
  engine::Merges& merges() { return server_.engine().merges(); }
  engine::Refs& refs() { return server_.engine().refs(); }
  engine::RepositoryRef lake() { return server_.lake(); }

  engine::Stores stores_;
  engine::Server server_;
};

}  // namespace

std::unique_ptr<Driver> make_engine_driver() { return std::make_unique<EngineDriver>(); }

}  // namespace varve::scenario

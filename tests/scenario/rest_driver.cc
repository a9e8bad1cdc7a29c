#include "tests/scenario/rest_driver.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "http/uri.h"
#include "model/errors.h"
#include "tests/scenario/rest_server.h"
#include "tests/scenario/rest_values.h"

namespace varve::scenario {

namespace {

namespace json = boost::json;
using http::Method;

constexpr std::string_view Repository = "/repositories/lake";

// Query parameters, those without a value left out.
class QueryText {
 public:
  QueryText& add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += (text_.empty() ? "?" : "&") + std::string(name) + "=" + http::percent_encode(value);
    return *this;
  }
  QueryText& add_flag(std::string_view name, bool is_set) {
    return add(name, is_set ? "true" : "");
  }
  QueryText& add_number(std::string_view name, int number) {
    return add(name, std::to_string(number));
  }
  QueryText& add_page(const ListOptions& options) {
    add("prefix", options.prefix).add("after", options.after);
    return add("delimiter", options.delimiter).add_number("amount", options.amount);
  }
  const std::string& str() const { return text_; }

 private:
  std::string text_;
};

std::string under(std::string_view kind, const std::string& name, std::string_view rest = "") {
  return std::string(Repository) + "/" + std::string(kind) + "/" + http::percent_encode(name) +
         std::string(rest);
}
std::string branch_path(const std::string& name, std::string_view rest = "") {
  return under("branches", name, rest);
}
std::string ref_path(const std::string& ref, std::string_view rest) {
  return under("refs", ref, rest);
}

class RestDriver final : public Driver {
 public:
  RestDriver() { EXPECT_TRUE(create_repository(RepositoryKind::Ordinary).has_value()); }

  void use_force(bool is_forced) override { is_forced_ = is_forced; }

  Result<void> put(std::string branch, std::string path, std::string content,
                   PutOptions options) override {
    http::Headers headers;
    headers.add("Content-Type", "text/plain");
    if (options.is_if_absent) headers.add("If-None-Match", "*");
    for (const auto& [key, value] : options.metadata) headers.add("X-Lakefs-Meta-" + key, value);
    QueryText query;
    query.add("path", path).add_flag("force", is_forced_);
    return done(server_.send(Method::Post, branch_path(branch, "/objects") + query.str(),
                             std::move(headers), content));
  }

  Result<void> erase(std::string branch, std::vector<std::string> paths) override {
    QueryText query;
    query.add_flag("force", is_forced_);
    if (paths.size() == 1) {
      query.add("path", paths.front());
      return done(server_.send(Method::Delete, branch_path(branch, "/objects") + query.str()));
    }
    json::object body;
    body["paths"] = json_of(paths);
    VARVE_TRY(const json::object reply,
              post(branch_path(branch, "/objects/delete") + query.str(), body));
    const json::array& errors = reply.at("errors").as_array();
    if (errors.empty()) return {};
    return base::Error(base::Code::InvalidArgument, text_of(errors.front().as_object(), "message"));
  }

  Result<std::string> show(std::string at, std::string path) override {
    QueryText query;
    query.add("path", path);
    const RestReply reply = server_.send(Method::Get, ref_path(at, "/objects") + query.str());
    if (!reply.is_success()) return error_of(reply);
    return std::string(reply.body);
  }

  Result<ObjectView> stat(std::string at, std::string path) override {
    QueryText query;
    query.add("path", path);
    VARVE_TRY(const json::object object, get(ref_path(at, "/objects/stat") + query.str()));
    return ObjectView{.size = object.at("size_bytes").as_int64(),
                      .metadata = metadata_of(object.at("metadata").as_object())};
  }

  Result<void> annotate(std::string branch, std::string path, Metadata metadata) override {
    QueryText query;
    query.add("path", path);
    json::object body;
    body["set"] = json_of(metadata);
    return done(server_.send_json(
        Method::Put, branch_path(branch, "/objects/stat/user_metadata") + query.str(), body));
  }

  Result<Listing> list(std::string at, ListOptions options) override {
    return rows(ref_path(at, "/objects/ls") + QueryText().add_page(options).str(), "path");
  }

  Result<void> copy(std::string branch, std::string from, std::string to, std::string at) override {
    QueryText query;
    query.add("dest_path", to);
    json::object body;
    body["src_path"] = from;
    body["src_ref"] = at;
    return dropped(post(branch_path(branch, "/objects/copy") + query.str(), body));
  }

  Result<std::string> commit(std::string branch, CommitOptions options) override {
    json::object body = commit_json(options);
    if (options.date.has_value()) body["date"] = *options.date;
    body["allow_empty"] = options.allow_empty;
    QueryText query;
    query.add("source_metarange", options.tree);
    VARVE_TRY(const json::object made, post(branch_path(branch, "/commits") + query.str(), body));
    return text_of(made, "id");
  }

  Result<Log> log(std::string at, LogOptions options) override {
    QueryText query;
    query.add("after", options.after)
        .add("stop_at", options.stop_at)
        .add_number("amount", options.amount);
    query.add_flag("limit", options.is_limit).add_flag("first_parent", options.first_parent);
    if (options.since.has_value()) {
      query.add("since", base::format_rfc3339(base::Timestamp{*options.since, 0}));
    }
    for (const std::string& path : options.objects) query.add("objects", path);
    for (const std::string& prefix : options.prefixes) query.add("prefixes", prefix);
    VARVE_TRY(const json::object page, get(ref_path(at, "/commits") + query.str()));
    Log log;
    log.has_more = has_more(page);
    for (const json::value& row : page.at("results").as_array()) {
      log.rows.push_back(commit_of(row.as_object()));
    }
    return log;
  }

  Result<CommitView> get_commit(std::string at) override {
    VARVE_TRY(const json::object commit, get(under("commits", at)));
    return commit_of(commit);
  }

  Result<void> record(CommitView commit) override {
    json::object body;
    body["commit_id"] = commit.id;
    body["version"] = commit.version;
    body["committer"] = commit.committer;
    body["message"] = commit.message;
    body["metarange_id"] = commit.tree;
    body["creation_date"] = commit.date;
    body["parents"] = json_of(commit.parents);
    body["metadata"] = json_of(commit.metadata);
    body["generation"] = commit.generation;
    return dropped(post(std::string(Repository) + "/commits", body));
  }

  Result<void> create_branch(std::string name, std::string source, bool is_hidden) override {
    json::object body;
    body["name"] = name;
    body["source"] = source;
    body["hidden"] = is_hidden;
    body["force"] = is_forced_;
    return done(server_.send_json(Method::Post, std::string(Repository) + "/branches", body));
  }
  Result<void> erase_branch(std::string name) override {
    return done(server_.send(Method::Delete,
                             branch_path(name) + QueryText().add_flag("force", is_forced_).str()));
  }
  Result<Listing> branches(bool with_hidden) override {
    QueryText query;
    query.add_flag("show_hidden", with_hidden);
    return rows(std::string(Repository) + "/branches" + query.str(), "id");
  }
  Result<void> create_tag(std::string name, std::string at) override {
    json::object body;
    body["id"] = name;
    body["ref"] = at;
    return dropped(post(std::string(Repository) + "/tags", body));
  }
  Result<void> erase_tag(std::string name) override {
    return done(server_.send(
        Method::Delete, under("tags", name) + QueryText().add_flag("force", is_forced_).str()));
  }
  Result<Listing> tags() override { return rows(std::string(Repository) + "/tags", "id"); }

  Result<Difference> diff(DiffKind kind, std::string left, std::string right,
                          ListOptions options) override {
    QueryText query;
    query.add_page(options);
    std::string path = branch_path(left, "/diff");
    if (kind != DiffKind::Uncommitted) {
      path = ref_path(left, "/diff/" + http::percent_encode(right));
      query.add("type", kind == DiffKind::TwoDot ? "two_dot" : "three_dot");
    }
    VARVE_TRY(const json::object page, get(path + query.str()));
    Difference difference;
    difference.has_more = has_more(page);
    for (const json::value& row : page.at("results").as_array()) {
      difference.rows.push_back(
          {text_of(row.as_object(), "type"), text_of(row.as_object(), "path")});
    }
    return difference;
  }

  Result<std::string> merge(std::string source, std::string destination,
                            MergeOptions options) override {
    json::object body;
    body["message"] = options.message;
    body["metadata"] = json_of(options.metadata);
    body["strategy"] = options.strategy;
    body["squash_merge"] = options.is_squash;
    body["allow_empty"] = options.allow_empty;
    VARVE_TRY(const json::object merged,
              post(ref_path(source, "/merge/" + http::percent_encode(destination)), body));
    return text_of(merged, "reference");
  }
  Result<std::string> merge_base(std::string left, std::string right) override {
    VARVE_TRY(const json::object found,
              get(ref_path(left, "/merge/" + http::percent_encode(right))));
    return text_of(found, "base_commit_id");
  }
  Result<void> revert(std::string branch, std::string at, ReplayOptions options) override {
    json::object body = replay_json(at, options);
    body["parent_number"] = options.parent.value_or(0);
    body["allow_empty"] = options.allow_empty;
    return dropped(post(branch_path(branch, "/revert"), body));
  }
  Result<std::string> cherry_pick(std::string branch, std::string at,
                                  ReplayOptions options) override {
    json::object body = replay_json(at, options);
    if (options.parent.has_value()) body["parent_number"] = *options.parent;
    VARVE_TRY(const json::object made, post(branch_path(branch, "/cherry-pick"), body));
    return text_of(made, "id");
  }

  Result<void> reset(std::string branch) override { return reset(branch, "reset", ""); }
  Result<void> reset_prefix(std::string branch, std::string prefix) override {
    return reset(branch, "common_prefix", prefix);
  }
  Result<void> reset_object(std::string branch, std::string path) override {
    return reset(branch, "object", path);
  }
  Result<void> hard_reset(std::string branch, std::string at) override {
    QueryText query;
    query.add("ref", at).add_flag("force", is_forced_);
    return done(server_.send(Method::Put, branch_path(branch, "/hard_reset") + query.str()));
  }
  Result<std::string> address(std::string branch, std::string path) override {
    QueryText query;
    query.add("path", path);
    VARVE_TRY(const json::object place, get(branch_path(branch, "/staging/backing") + query.str()));
    return text_of(place, "physical_address");
  }
  Result<void> link(std::string branch, std::string path, std::string address,
                    PutOptions options) override {
    VARVE_TRY(json::object body, object_at(address));
    body["staging"] = {{"physical_address", address}};
    body["user_metadata"] = json_of(options.metadata);
    http::Headers headers;
    headers.add("Content-Type", "application/json");
    if (options.is_if_absent) headers.add("If-None-Match", "*");
    QueryText query;
    query.add("path", path);
    return done(server_.send(Method::Put, branch_path(branch, "/staging/backing") + query.str(),
                             std::move(headers), json::serialize(body)));
  }
  Result<void> stage(std::string branch, std::string path, std::string address) override {
    VARVE_TRY(json::object body, object_at(address));
    body["physical_address"] = address;
    QueryText query;
    query.add("path", path);
    return done(
        server_.send_json(Method::Put, branch_path(branch, "/objects") + query.str(), body));
  }
  Result<void> write(std::string address, std::string content) override {
    return server_.stores().write(address, content);
  }
  void wait(std::int64_t seconds) override { server_.stores().wait(seconds); }

  Result<void> protect(std::vector<std::string> patterns) override {
    json::array rules;
    for (const std::string& pattern : patterns) {
      json::object rule;
      rule["pattern"] = pattern;
      rules.emplace_back(std::move(rule));
    }
    http::Headers headers;
    headers.add("Content-Type", "application/json");
    return done(server_.send(Method::Put, std::string(Repository) + "/settings/branch_protection",
                             std::move(headers), json::serialize(rules)));
  }

  Result<std::string> import(std::string branch, std::vector<ImportSource> sources,
                             CommitOptions options) override {
    json::array paths;
    for (const ImportSource& source : sources) {
      json::object path;
      path["type"] = source.is_object ? "object" : "common_prefix";
      path["path"] = source.uri;
      path["destination"] = source.destination;
      paths.emplace_back(std::move(path));
    }
    json::object body;
    body["paths"] = std::move(paths);
    body["commit"] = commit_json(options);
    body["force"] = is_forced_;
    VARVE_TRY(const json::object task, post(branch_path(branch, "/import"), body));
    QueryText query;
    query.add("id", text_of(task, "id"));
    VARVE_TRY(const json::object status, get(branch_path(branch, "/import") + query.str()));
    if (const json::value* error = status.if_contains("error")) {
      // "import error: <cause>" (rest-semantics.md 19.3).
      constexpr std::string_view What = "import error: ";
      const std::string message = text_of(error->as_object(), "message");
      EXPECT_TRUE(message.starts_with(What)) << message;
      return base::Error(base::Code::InvalidArgument, message.substr(What.size()));
    }
    EXPECT_TRUE(status.at("completed").as_bool());
    return text_of(status.at("commit").as_object(), "id");
  }

  Result<void> create_repository(RepositoryKind kind) override {
    json::object body;
    body["name"] = "lake";
    body["storage_namespace"] = "mem://lake";
    body["read_only"] = kind == RepositoryKind::ReadOnly;
    QueryText query;
    query.add_flag("bare", kind == RepositoryKind::Bare);
    return done(server_.send_json(Method::Post, "/repositories" + query.str(), body));
  }
  Result<void> erase_repository() override {
    return done(server_.send(
        Method::Delete, std::string(Repository) + QueryText().add_flag("force", is_forced_).str()));
  }
  Result<std::string> dump() override {
    const RestReply reply = server_.send(Method::Put, std::string(Repository) + "/refs/dump");
    if (!reply.is_success()) return error_of(reply);
    const json::object ids = json::parse(reply.body).as_object();
    return text_of(ids, "commits_meta_range_id") + "," + text_of(ids, "branches_meta_range_id") +
           "," + text_of(ids, "tags_meta_range_id");
  }
  Result<void> restore(std::string text) override {
    const std::size_t first = text.find(',');
    const std::size_t second = text.find(',', first + 1);
    json::object body;
    body["commits_meta_range_id"] = text.substr(0, first);
    body["branches_meta_range_id"] = text.substr(first + 1, second - first - 1);
    body["tags_meta_range_id"] = text.substr(second + 1);
    body["force"] = is_forced_;
    return done(server_.send_json(Method::Put, std::string(Repository) + "/refs/restore", body));
  }

 private:
  static Result<void> done(const RestReply& reply) {
    if (!reply.is_success()) return error_of(reply);
    return {};
  }
  static Result<void> dropped(Result<json::object> result) {
    if (!result.has_value()) return std::move(result).error();
    return {};
  }
  static bool has_more(const json::object& page) {
    return page.at("pagination").as_object().at("has_more").as_bool();
  }
  static Result<json::object> object_of(const RestReply& reply) {
    if (!reply.is_success()) return error_of(reply);
    if (reply.body.empty()) return json::object();
    return json::parse(reply.body).as_object();
  }

  // What a client says of data it has written somewhere.
  Result<json::object> object_at(const std::string& address) {
    VARVE_TRY(const ports::ObjectInfo info, server_.stores().stat(address));
    json::object body;
    body["checksum"] = info.etag;
    body["size_bytes"] = info.size;
    body["force"] = is_forced_;
    return body;
  }
  Result<json::object> get(const std::string& path) {
    return object_of(server_.send(Method::Get, path));
  }
  // With `force` as said, which every body of these has, or ignores.
  Result<json::object> post(const std::string& path, json::object body) {
    body["force"] = is_forced_;
    return object_of(server_.send_json(Method::Post, path, body));
  }
  Result<Listing> rows(const std::string& path, std::string_view name) {
    VARVE_TRY(const json::object page, get(path));
    Listing listing;
    listing.has_more = has_more(page);
    for (const json::value& row : page.at("results").as_array()) {
      listing.rows.push_back(text_of(row.as_object(), name));
    }
    return listing;
  }
  Result<void> reset(const std::string& branch, std::string_view type, const std::string& path) {
    json::object body;
    body["type"] = type;
    body["path"] = path;
    body["force"] = is_forced_;
    return done(server_.send_json(Method::Put, branch_path(branch), body));
  }
  static json::object commit_json(const CommitOptions& options) {
    json::object body;
    body["message"] = options.message;
    body["metadata"] = json_of(options.metadata);
    return body;
  }
  static json::object replay_json(const std::string& ref, const ReplayOptions& options) {
    json::object overrides;
    overrides["message"] = options.message;
    if (options.metadata.has_value()) overrides["metadata"] = json_of(*options.metadata);
    json::object body;
    body["ref"] = ref;
    body["commit_overrides"] = std::move(overrides);
    return body;
  }

  RestServer server_;
  bool is_forced_ = false;
};

}  // namespace

std::unique_ptr<Driver> make_rest_driver() { return std::make_unique<RestDriver>(); }

}  // namespace varve::scenario

// The API as a whole over stores in memory: the order of the pipeline, and what has no transcript.
#include "rest/api.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/kv_memory/kv_memory.h"
#include "adapters/object_memory/object_memory.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/secret.h"
#include "base/task.h"
#include "base/task_group.h"
#include "base/time.h"
#include "engine/core/core.h"
#include "engine/engine.h"
#include "engine/objects/objects.h"
#include "engine/repo/repo.h"
#include "http/body.h"
#include "http/headers.h"
#include "http/message.h"
#include "http/server.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "rest/json_body.h"
#include "rest/operation.h"
#include "rest/options.h"
#include "rest/schema.h"
#include "services/auth/auth.h"
#include "services/auth/authorizer.h"
#include "services/auth/principal.h"

namespace varve::rest {
namespace {

using base::run;

class StillClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {.seconds = 1700000000, .nanos = 0}; }
  base::MonotonicTime monotonic() override { return base::MonotonicTime{}; }
};

// Says no to everything, and remembers what it was asked.
class DenyAll final : public services::Authorizer {
 public:
  bool allows_everything() const override { return false; }
  base::Task<base::Result<void>> allow(base::Context context, services::UserRef principal,
                                       std::vector<services::Permission> permissions) override {
    static_cast<void>(context);
    static_cast<void>(principal);
    asked.clear();
    for (const services::Permission& one : permissions) {
      asked.push_back(std::string(one.action) + " " + one.resource);
    }
    co_return base::Error(base::Code::PermissionDenied, "insufficient permissions: not allowed");
  }
  std::vector<std::string> asked;
};

class Recorder final : public Observer {
 public:
  void started(std::string_view operation) override {
    events.push_back("+" + std::string(operation));
  }
  void finished(std::string_view operation, int status, double seconds) override {
    EXPECT_GE(seconds, 0);
    events.push_back("-" + std::string(operation) + " " + std::to_string(status));
  }
  std::vector<std::string> events;
};

struct Reply {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string operation;
  std::string header(std::string_view name) const {
    return std::string(headers.get_or_empty(name));
  }
};

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() {
    services::KeyPair key{"AKID", base::Secret<std::string>("secret")};
    EXPECT_TRUE(run(auth_.setup(base::Context(), "ann", std::move(key), {})).has_value());
  }

  static services::AuthOptions auth_options() {
    services::AuthOptions options;
    options.secret_key = base::Secret<std::string>("installation key");
    return options;
  }

  static http::Headers with_key(http::Headers headers = {}) {
    headers.add("Authorization", "Basic " + base::base64_encode("AKID:secret"));
    return headers;
  }

  Reply send_to(http::Handler& handler, http::Method method, std::string_view target,
                http::Headers headers, base::Bytes body = {}) {
    http::RequestContext context;
    context.scope = std::make_shared<base::RequestScope>();
    http::Response response = run(handler.handle(
        context, http::make_request(method, target, std::move(headers), std::move(body))));
    Reply reply{response.status, response.headers, {}, context.scope->operation};
    reply.body = run(http::collect_body(std::move(response.body))).value();
    return reply;
  }

  Reply send(http::Method method, std::string_view target, http::Headers headers,
             base::Bytes body = {}) {
    return send_to(api_, method, target, std::move(headers), std::move(body));
  }

  Reply get(std::string_view target) { return send(http::Method::Get, target, with_key()); }

  Reply post_json(std::string_view target, base::Bytes body) {
    http::Headers headers = with_key();
    headers.add("Content-Type", "application/json");
    return send(http::Method::Post, target, std::move(headers), std::move(body));
  }

  void make_repository(std::string_view more = "") {
    const Reply made =
        post_json("/api/v1/repositories",
                  R"({"name":"lake","storage_namespace":"mem://lake")" + std::string(more) + "}");
    ASSERT_EQ(made.status, 201) << made.body;
  }

  model::Entry stored(const engine::RepositoryRef& repository, std::string_view path) {
    auto entry = run(engine_.objects().get(base::Context(), repository,
                                           model::parse_ref_expr("main").value(),
                                           model::ObjectPath(std::string(path))));
    EXPECT_TRUE(entry) << path;
    return entry.value_or(model::Entry());
  }

  StillClock clock_;
  base::SeededRng rng_{1};
  base::Offload offload_{base::OffloadOptions{.threads = 0}};
  adapters::MemoryKv kv_;
  adapters::MemoryObjects objects_{clock_, rng_};
  engine::Engine engine_{kv_, objects_, clock_, rng_, offload_, engine::EngineOptions{}};
  services::Auth auth_{kv_, clock_, rng_, offload_, auth_options()};
  services::AllowKnownUsers authorizer_;
  Recorder recorder_;
  Api api_{engine_, auth_, authorizer_, clock_, rng_, ApiOptions{}, &recorder_};
};

TEST_F(ApiTest, RoutesThenValidatesThenAuthenticates) {
  const Reply unknown = send(http::Method::Get, "/api/v1/nonsense", {});
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, "{\"message\":\"invalid API endpoint\"}\n");
  EXPECT_EQ(unknown.operation, "");

  const Reply invalid = send(http::Method::Get, "/api/v1/repositories?amount=ten", {});
  EXPECT_EQ(invalid.status, 400);
  EXPECT_FALSE(invalid.headers.has("X-Request-ID"));
  EXPECT_EQ(invalid.operation, "listRepositories");

  const Reply anonymous = send(http::Method::Get, "/api/v1/repositories", {});
  EXPECT_EQ(anonymous.status, 401);
  EXPECT_EQ(anonymous.body, "{\"message\":\"error authenticating request\"}\n");
  EXPECT_EQ(anonymous.header("X-Request-ID").size(), 36U);
  EXPECT_FALSE(anonymous.headers.has("WWW-Authenticate"));
}

// Says how much it would send, and sends nothing of it.
class UnreadBody final : public http::BodyReader {
 public:
  explicit UnreadBody(std::optional<std::uint64_t> length) : length_(length) {}
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override {
    ADD_FAILURE() << "was asked for " << bytes_max << " bytes";
    co_return base::Bytes();
  }
  std::optional<std::uint64_t> content_length() const override { return length_; }
  bool is_chunked() const override { return !length_; }
  const http::Headers& trailers() const override { return trailers_; }

 private:
  const std::optional<std::uint64_t> length_;
  const http::Headers trailers_;
};

TEST_F(ApiTest, NobodyUnknownHasALargeBodyRead) {
  const auto status = [&](std::string_view target, std::optional<std::uint64_t> length) {
    http::Headers headers;
    headers.add("Content-Type", "application/json");
    http::Request request = http::make_request(http::Method::Post, target, std::move(headers));
    request.body = http::BodyStream(std::make_unique<UnreadBody>(length));
    http::RequestContext context;
    context.scope = std::make_shared<base::RequestScope>();
    return run(api_.handle(context, std::move(request))).status;
  };
  EXPECT_EQ(status("/api/v1/repositories", 65537), 401);
  EXPECT_EQ(status("/api/v1/repositories", std::nullopt), 401);
  EXPECT_EQ(status("/api/v1/auth/login", 65537), 413);

  http::Headers json;
  json.add("Content-Type", "application/json");
  EXPECT_EQ(send(http::Method::Post, "/api/v1/repositories", json, "{").status, 400);
  const std::string large = R"({"name":")" + std::string(70000, 'x') + R"("})";
  EXPECT_EQ(post_json("/api/v1/repositories", large).status, 400);
}

TEST_F(ApiTest, TellsTheObserverAboutValidRequestsOnly) {
  send(http::Method::Get, "/api/v1/repositories?amount=ten", {});
  EXPECT_TRUE(recorder_.events.empty());
  get("/api/v1/repositories");
  EXPECT_EQ(recorder_.events,
            (std::vector<std::string>{"+listRepositories", "-listRepositories 200"}));
}

TEST_F(ApiTest, AsksForPermissionBeforeItLooks) {
  DenyAll authorizer;
  Api api(engine_, auth_, authorizer, clock_, rng_, ApiOptions{});
  const auto ask = [&](http::Method method, std::string_view target, base::Bytes body = {}) {
    http::Headers headers = with_key();
    if (!body.empty()) headers.add("Content-Type", "application/json");
    const Reply reply = send_to(api, method, target, std::move(headers), std::move(body));
    EXPECT_EQ(reply.status, 401) << target;
    return authorizer.asked;
  };
  using Asked = std::vector<std::string>;
  EXPECT_EQ(ask(http::Method::Get, "/api/v1/repositories/absent"),
            (Asked{"fs:ReadRepository arn:lakefs:fs:::repository/absent"}));
  EXPECT_EQ(ask(http::Method::Get, "/api/v1/repositories/r/refs/main/objects/stat?path=a/b"),
            (Asked{"fs:ReadObject arn:lakefs:fs:::repository/r/object/a/b"}));
  EXPECT_EQ(ask(http::Method::Post, "/api/v1/repositories/r/branches",
                R"({"name":"dev","source":"main"})"),
            (Asked{"fs:CreateBranch arn:lakefs:fs:::repository/r/branch/dev"}));
  EXPECT_EQ(ask(http::Method::Post, "/api/v1/repositories",
                R"({"name":"abc","storage_namespace":"mem://x"})"),
            (Asked{"fs:CreateRepository arn:lakefs:fs:::repository/abc",
                   "fs:AttachStorageNamespace arn:lakefs:fs:::namespace/mem://x"}));
  EXPECT_EQ(ask(http::Method::Post, "/api/v1/repositories/r/branches/b/objects/copy?dest_path=d",
                R"({"src_path":"s"})"),
            (Asked{"fs:ReadObject arn:lakefs:fs:::repository/r/object/s",
                   "fs:WriteObject arn:lakefs:fs:::repository/r/object/d"}));
}

TEST_F(ApiTest, DeleteObjectsReportsWhatIsNotPermitted) {
  make_repository();
  DenyAll authorizer;
  Api api(engine_, auth_, authorizer, clock_, rng_, ApiOptions{});
  http::Headers headers = with_key();
  headers.add("Content-Type", "application/json");
  const Reply reply =
      send_to(api, http::Method::Post, "/api/v1/repositories/lake/branches/main/objects/delete",
              std::move(headers), R"({"paths":["a"]})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body,
            "{\"errors\":[{\"path\":\"a\",\"status_code\":401,\"message\":\"Unauthorized\"}]}\n");
}

TEST_F(ApiTest, WhatIsNotBuiltSaysSo) {
  const Reply reply = get("/api/v1/usage-report/summary");
  EXPECT_EQ(reply.status, 501);
  EXPECT_EQ(reply.body, "{\"message\":\"getUsageReportSummary: Not Implemented\"}\n");
}

TEST_F(ApiTest, ObjectsGoInAndOut) {
  make_repository();
  http::Headers headers = with_key();
  headers.add("Content-Type", "text/html");
  headers.add("X-Lakefs-Meta-Color", "blue");
  const Reply put =
      send(http::Method::Post, "/api/v1/repositories/lake/branches/main/objects?path=a%2Fb",
           std::move(headers), "0123456789");
  ASSERT_EQ(put.status, 201) << put.body;
  EXPECT_NE(put.body.find("\"metadata\":{\"color\":\"blue\"}"), std::string::npos) << put.body;

  const Reply whole = get("/api/v1/repositories/lake/refs/main/objects?path=a%2Fb");
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, "0123456789");
  EXPECT_EQ(whole.header("ETag"), "\"781e5e245d69b566979b86e28d23f2c7\"");
  EXPECT_EQ(whole.header("Content-Disposition"), "inline");
  EXPECT_EQ(whole.header("Content-Security-Policy"), "default-src 'none'");
  EXPECT_EQ(whole.header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(whole.header("X-Frame-Options"), "SAMEORIGIN");
  EXPECT_EQ(whole.header("Last-Modified"), "Tue, 14 Nov 2023 22:13:20 GMT");

  http::Headers part = with_key();
  part.add("Range", "bytes=2-4");
  const Reply cut =
      send(http::Method::Get, "/api/v1/repositories/lake/refs/main/objects?path=a%2Fb", part);
  EXPECT_EQ(cut.status, 206);
  EXPECT_EQ(cut.body, "234");
  EXPECT_EQ(cut.header("Content-Range"), "bytes 2-4/10");

  const Reply head = send(http::Method::Head,
                          "/api/v1/repositories/lake/refs/main/objects?path=a%2Fb", with_key());
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "10");
  EXPECT_FALSE(head.headers.has("Content-Disposition"));
}

// An entry's identity covers its content type: what is shown of none has to be stored too.
TEST_F(ApiTest, AnObjectWrittenWithoutATypeIsStoredWithTheDefaultOne) {
  make_repository();
  const std::string objects = "/api/v1/repositories/lake/branches/main/objects";
  http::Headers json = with_key();
  json.add("Content-Type", "application/json");
  EXPECT_EQ(send(http::Method::Put, objects + "?path=staged", json,
                 R"({"physical_address":"mem://lake/x","checksum":"x","size_bytes":1})")
                .status,
            201);
  http::Headers form = with_key();
  form.add("Content-Type", "multipart/form-data; boundary=b");
  EXPECT_EQ(send(http::Method::Post, objects + "?path=form", form,
                 "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nx\r\n--b--\r\n")
                .status,
            201);
  EXPECT_EQ(send(http::Method::Post, objects + "?path=raw", with_key(), "x").status, 201);

  auto repository = run(engine_.repositories().get(base::Context(), model::RepositoryId("lake")));
  ASSERT_TRUE(repository);
  model::Entry imported = stored(*repository, "raw");
  imported.content_type.clear();
  ASSERT_TRUE(run(engine_.objects().stage(base::Context(), *repository, model::BranchId("main"),
                                          model::ObjectPath("imported"), imported,
                                          engine::StageOptions())));
  EXPECT_EQ(post_json(objects + "/copy?dest_path=copy", R"({"src_path":"imported"})").status, 201);
  for (const std::string_view path : {"staged", "form", "raw", "copy"}) {
    EXPECT_EQ(stored(*repository, path).content_type, "application/octet-stream") << path;
  }
}

TEST_F(ApiTest, HeadErrorsHaveNoBody) {
  const Reply head =
      send(http::Method::Head, "/api/v1/repositories/absent/refs/main/objects?path=a", with_key());
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.body, "");
  EXPECT_FALSE(head.headers.has("Content-Type"));
  EXPECT_TRUE(head.headers.has("X-Request-ID"));
}

TEST_F(ApiTest, SampleDataIsCommittedAndProtected) {
  make_repository(R"(,"sample_data":true)");
  const Reply log = get("/api/v1/repositories/lake/refs/main/commits?amount=1");
  EXPECT_NE(log.body.find("Add sample data"), std::string::npos) << log.body;
  EXPECT_NE(log.body.find("\"committer\":\"ann\""), std::string::npos) << log.body;
  const Reply readme = get("/api/v1/repositories/lake/refs/main@/objects?path=README.md");
  EXPECT_EQ(readme.status, 200);
  const Reply rules = get("/api/v1/repositories/lake/settings/branch_protection");
  EXPECT_EQ(rules.body, "[{\"pattern\":\"main\"}]\n");
  const Reply refused =
      send(http::Method::Post, "/api/v1/repositories/lake/branches/main/objects?path=x", with_key(),
           "x");
  EXPECT_EQ(refused.status, 403);
}

TEST_F(ApiTest, TheOpenApiDocumentNamesEveryOperation) {
  const Reply reply = send(http::Method::Get, "/openapi.json", {});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  const Schema object{.type = Schema::Type::Map};
  EXPECT_TRUE(JsonBody::parse(reply.body, object).has_value());
  for (const Operation& operation : operations()) {
    const std::string id = "\"operationId\":\"" + std::string(operation.name) + "\"";
    EXPECT_NE(reply.body.find(id), std::string::npos) << operation.name;
  }
  for (const char* initial : {R"("minimum":-1,"maximum":1000,"default":100})",
                              R"("enum":["two_dot","three_dot"],"default":"three_dot"})",
                              R"({"type":"boolean","default":false})"}) {
    EXPECT_NE(reply.body.find(initial), std::string::npos) << initial;
  }
  // Every reference leads somewhere.
  for (std::size_t at = 0;
       (at = reply.body.find("#/components/schemas/", at)) != std::string::npos;) {
    at += 21;
    const std::string name = reply.body.substr(at, reply.body.find('"', at) - at);
    EXPECT_NE(reply.body.find("\"" + name + "\":{\"type\":"), std::string::npos) << name;
  }
}

TEST_F(ApiTest, PagesBesideTheApi) {
  const Reply page = send(http::Method::Get, "/some/page", {});
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.header("X-Frame-Options"), "SAMEORIGIN");
  http::Headers known;
  known.add("If-None-Match", page.header("Etag"));
  EXPECT_EQ(send(http::Method::Get, "/", known).status, 304);

  const Reply logout = send(http::Method::Get, "/logout", {});
  EXPECT_EQ(logout.status, 307);
  EXPECT_EQ(logout.header("Location"), "/auth/login");
  EXPECT_NE(logout.header("Set-Cookie").find("Max-Age=0"), std::string::npos);

  EXPECT_EQ(send(http::Method::Get, "/iceberg/api/v1/config", {}).status, 501);
  EXPECT_EQ(send(http::Method::Get, "/icebergs", {}).status, 200);

  http::Headers aws;
  aws.add("Authorization", "AWS4-HMAC-SHA256 Credential=x");
  const Reply lost = send(http::Method::Get, "/bucket/<key>", aws);
  EXPECT_EQ(lost.status, 404);
  EXPECT_EQ(lost.header("Content-Type"), "application/xml");
  EXPECT_NE(lost.body.find("<Code>ERRLakeFSWrongEndpoint</Code>"), std::string::npos);
  EXPECT_NE(lost.body.find("s3.local.lakefs.io"), std::string::npos);
  EXPECT_NE(lost.body.find("/bucket/&lt;key&gt;"), std::string::npos);
}

TEST_F(ApiTest, OfCreationsOfOneNameAtTheSameMomentTheLaterAreConflicts) {
  std::vector<base::Task<http::Response>> creations;
  for (int i = 0; i < 3; ++i) {
    http::RequestContext context;
    context.scope = std::make_shared<base::RequestScope>();
    http::Headers headers = with_key();
    headers.add("Content-Type", "application/json");
    creations.push_back(api_.handle(
        context, http::make_request(http::Method::Post, "/api/v1/repositories", std::move(headers),
                                    R"({"name":"lake","storage_namespace":"mem://lake"})")));
  }
  std::vector<http::Response> answers = run(base::join_all(std::move(creations), 3));
  int made = 0;
  for (http::Response& answer : answers) {
    if (answer.status == 201 && ++made == 1) continue;
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(run(http::collect_body(std::move(answer.body))).value(),
              "{\"message\":\"error creating repository: not unique\"}\n");
  }
  EXPECT_EQ(made, 1);
}

TEST_F(ApiTest, APrefixOfObjectsIsNoLongerThanAPath) {
  make_repository();
  const std::string list = "/api/v1/repositories/lake/refs/main/objects/ls?prefix=";
  EXPECT_EQ(get(list + std::string(1024, 'p')).status, 200);
  const Reply refused = get(list + std::string(1025, 'p'));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(
      refused.body,
      "{\"message\":\"argument prefix: invalid value: validation error: 1025 is above maximum "
      "length (1024)\"}\n");
}

TEST_F(ApiTest, PagesAreOnlyRead) {
  for (const http::Method method : {http::Method::Put, http::Method::Post, http::Method::Delete}) {
    const Reply refused = send(method, "/bucket/main/key", {});
    EXPECT_EQ(refused.status, 405);
    EXPECT_EQ(refused.header("Allow"), "GET, HEAD");
    EXPECT_NE(refused.body.find("signed"), std::string::npos);
  }
  EXPECT_EQ(send(http::Method::Head, "/bucket/main/key", {}).status, 200);
}

TEST_F(ApiTest, WithoutAnInterfaceThereAreNoPages) {
  ApiOptions options;
  options.is_ui_enabled = false;
  Api api(engine_, auth_, authorizer_, clock_, rng_, std::move(options));
  const Reply page = send_to(api, http::Method::Get, "/", {});
  EXPECT_EQ(page.status, 404);
  EXPECT_EQ(page.body, "");
}

TEST_F(ApiTest, InterfaceFilesAndSnippets) {
  class OnePage final : public StaticFiles {
   public:
    const StaticFile* find(std::string_view path) const override {
      if (path == "/index.html") return &index_;
      return path == "/a b.js" ? &script_ : nullptr;
    }

   private:
    StaticFile index_{"<html><head></head></html>", "text/html", "\"1\""};
    StaticFile script_{"let x", "text/javascript", "\"2\""};
  };
  const OnePage files;
  ApiOptions options;
  options.ui = &files;
  options.ui_snippets = {"<script>count()</script>"};
  Api api(engine_, auth_, authorizer_, clock_, rng_, std::move(options));
  EXPECT_EQ(send_to(api, http::Method::Get, "/repositories", {}).body,
            "<html><head><script>count()</script>\n</head></html>");
  const Reply script = send_to(api, http::Method::Get, "/a%20b.js", {});
  EXPECT_EQ(script.body, "let x");
  EXPECT_EQ(script.header("Etag"), "\"2\"");
}

}  // namespace
}  // namespace varve::rest

#include "services/auth/auth.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/kv_memory/kv_memory.h"
#include "base/bytes.h"
#include "base/context.h"
#include "base/offload.h"
#include "base/result.h"
#include "base/rng.h"
#include "base/run.h"
#include "base/secret.h"
#include "base/time.h"
#include "ports/kv_store.h"
#include "services/auth/principal.h"

namespace varve::services {
namespace {

using base::run;

class StillClock final : public base::Clock {
 public:
  base::Timestamp now() override { return {.seconds = seconds, .nanos = 0}; }
  base::MonotonicTime monotonic() override {
    return base::MonotonicTime(std::chrono::seconds(seconds));
  }
  std::int64_t seconds = 1700000000;
};

class AuthTest : public ::testing::Test {
 protected:
  std::unique_ptr<Auth> make(base::milliseconds ttl = base::milliseconds(20000)) {
    AuthOptions options;
    options.secret_key = base::Secret<std::string>("installation key");
    options.cache_ttl = ttl;
    options.cache_jitter = base::milliseconds(0);
    return std::make_unique<Auth>(kv_, clock_, rng_, offload_, std::move(options));
  }

  static KeyPair pair() { return {"AKIDEXAMPLE", base::Secret<std::string>("the secret")}; }

  CredentialRef set_up(Auth& auth, ContactDetails contact = {}) {
    return run(auth.setup(context_, "admin", pair(), std::move(contact))).value();
  }

  template <class T>
  static std::string message(const base::Result<T>& result) {
    return result.has_value() ? "" : result.error().message();
  }

  adapters::MemoryKv kv_;
  StillClock clock_;
  base::SeededRng rng_{1};
  base::Offload offload_{base::OffloadOptions{.threads = 0}};
  base::Context context_;
};

TEST_F(AuthTest, SetupHappensOnce) {
  const auto auth = make();
  EXPECT_FALSE(run(auth->setup_state(context_))->is_initialized);
  EXPECT_TRUE(run(auth->setup_state(context_))->is_missing_comm_prefs);
  EXPECT_EQ(run(auth->installation_id(context_)).value(), "");
  EXPECT_EQ(message(run(auth->setup(context_, "", pair(), {}))), "empty user display name");
  ContactDetails wrong;
  wrong.email = "nonsense";
  EXPECT_EQ(message(run(auth->setup(context_, "admin", pair(), wrong))), "invalid email address");
  EXPECT_FALSE(run(auth->setup_state(context_))->is_initialized);

  const CredentialRef made = set_up(*auth);
  EXPECT_EQ(made->key.access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(made->user->name, "admin");
  EXPECT_EQ(made->issued_at.seconds, clock_.seconds);
  EXPECT_TRUE(run(auth->setup_state(context_))->is_initialized);
  EXPECT_EQ(run(auth->installation_id(context_))->size(), 36U);

  const auto again = run(auth->setup(context_, "other", std::nullopt, {}));
  EXPECT_EQ(message(again), "lakeFS already initialized");
  EXPECT_EQ(again.error().code(), base::Code::AlreadyExists);
  EXPECT_EQ(message(run(auth->get_user(context_, "other"))), "user not found");
}

TEST_F(AuthTest, SetupGeneratesAKeyThatWorks) {
  const auto auth = make();
  const auto made = run(auth->setup(context_, "admin", std::nullopt, {}));
  ASSERT_TRUE(made.has_value());
  const KeyPair& key = (*made)->key;
  const auto user = run(auth->authenticate_basic(context_, key.access_key_id, key.secret.reveal()));
  ASSERT_TRUE(user.has_value());
  EXPECT_EQ((*user)->committer(), "admin");
}

TEST_F(AuthTest, RacingSetupsMakeOneAdministrator) {
  const auto first = make();
  const auto second = make();
  // The second reads "not initialized", then loses the compare-and-set.
  set_up(*first);
  const auto lost = run(second->create_user(context_, "late"));
  EXPECT_EQ(message(lost), "Already exists");
}

TEST_F(AuthTest, CommunicationPreferences) {
  const auto auth = make();
  ContactDetails good;
  good.email = "a@example.org";
  EXPECT_EQ(message(run(auth->set_comm_prefs(context_, good))), "lakeFS is not initialized");
  set_up(*auth);
  EXPECT_TRUE(run(auth->setup_state(context_))->is_missing_comm_prefs);
  EXPECT_EQ(message(run(auth->set_comm_prefs(context_, {}))), "email is required");
  EXPECT_TRUE(run(auth->set_comm_prefs(context_, good)).has_value());
  EXPECT_FALSE(run(auth->setup_state(context_))->is_missing_comm_prefs);
  EXPECT_EQ(message(run(auth->set_comm_prefs(context_, good))),
            "communication preferences already set");
}

TEST_F(AuthTest, SetupWithAnAddressSettlesThePreferences) {
  const auto auth = make();
  ContactDetails contact;
  contact.email = "a@example.org";
  set_up(*auth, contact);
  EXPECT_FALSE(run(auth->setup_state(context_))->is_missing_comm_prefs);
}

TEST_F(AuthTest, WrongCredentialsAreAllRefusedAlike) {
  const auto auth = make();
  set_up(*auth);
  const auto basic = [&](std::string id, std::string secret) {
    return message(run(auth->authenticate_basic(context_, std::move(id), std::move(secret))));
  };
  EXPECT_EQ(basic("AKIDEXAMPLE", "the secret"), "");
  for (const auto& [id, secret] :
       {std::pair("AKIDEXAMPLE", "wrong"), std::pair("AKIDEXAMPLE", ""), std::pair("", ""),
        std::pair("akidexample", "the secret"), std::pair("unknown", "the secret")}) {
    EXPECT_EQ(basic(id, secret), "error authenticating request") << id << ":" << secret;
  }
}

TEST_F(AuthTest, TheFirstSchemeCarriedDecides) {
  const auto auth = make();
  set_up(*auth);
  const auto login = run(auth->login(context_, "AKIDEXAMPLE", "the secret"));
  ASSERT_TRUE(login.has_value());
  EXPECT_EQ(login->expires_at.seconds, clock_.seconds + 604800);
  const std::string cookie = "x=1; internal_auth_session=" + login->cookie;
  const std::string good = "Basic " + base::base64_encode("AKIDEXAMPLE:the secret");
  const std::string bad = "Basic " + base::base64_encode("AKIDEXAMPLE:no");
  const auto who = [&](const std::string& authorization, const std::string& cookies) {
    RequestCredentials carried(authorization, cookies);
    const auto user = run(auth->authenticate(context_, std::move(carried)));
    if (!user) return std::string("refused");
    return *user == nullptr ? std::string("nobody") : (*user)->name;
  };
  EXPECT_EQ(who("", ""), "nobody");
  EXPECT_EQ(who(good, ""), "admin");
  EXPECT_EQ(who("Bearer " + login->token, ""), "admin");
  EXPECT_EQ(who("", cookie), "admin");
  EXPECT_EQ(who(bad, cookie), "refused");
  EXPECT_EQ(who("Bearer x", cookie), "refused");
  EXPECT_EQ(who("Digest x", cookie), "admin");
  EXPECT_EQ(who("Basic !!!", ""), "nobody");
  EXPECT_EQ(who("AWS4-HMAC-SHA256 Credential=x", ""), "nobody");
  EXPECT_EQ(who("", "internal_auth_session=garbage"), "nobody");
  EXPECT_EQ(who("", "oidc_auth_session=garbage"), "refused");
  EXPECT_EQ(who(good, "saml_auth_session=garbage"), "admin");
}

TEST_F(AuthTest, TokensExpireAndDieWithTheirUser) {
  const auto auth = make();
  set_up(*auth);
  const auto login = run(auth->login(context_, "AKIDEXAMPLE", "the secret"));
  ASSERT_TRUE(login.has_value());
  clock_.seconds += 604799;
  EXPECT_TRUE(run(auth->authenticate_token(context_, login->token)).has_value());
  clock_.seconds += 1;
  EXPECT_FALSE(run(auth->authenticate_token(context_, login->token)).has_value());
  clock_.seconds -= 10;
  ASSERT_TRUE(run(auth->erase_user(context_, "admin")).has_value());
  EXPECT_FALSE(run(auth->authenticate_token(context_, login->token)).has_value());
}

TEST_F(AuthTest, ThereIsOneUserWithOneKey) {
  const auto auth = make();
  set_up(*auth);
  EXPECT_EQ(message(run(auth->create_user(context_, "second"))), "Already exists");
  EXPECT_EQ(message(run(auth->create_user(context_, ""))), "empty name: validation error");
  EXPECT_EQ(message(run(auth->create_credential(context_, "admin", std::nullopt))),
            "exceeded number of allowed credentials: invalid request");
  EXPECT_EQ(message(run(auth->create_credential(context_, "nobody", std::nullopt))), "not found");
  EXPECT_EQ(message(run(auth->get_credential(context_, "admin", "absent"))),
            "credentials not found");
  EXPECT_EQ(message(run(auth->get_credential(context_, "nobody", "AKIDEXAMPLE"))),
            "credentials not found");
  EXPECT_TRUE(run(auth->get_credential(context_, "admin", "AKIDEXAMPLE")).has_value());
  EXPECT_EQ(message(run(auth->erase_user(context_, "nobody"))), "user not found");
}

TEST_F(AuthTest, ErasingTheUserTakesTheKeyAndMakesRoom) {
  const auto auth = make();
  set_up(*auth);
  ASSERT_TRUE(run(auth->credential(context_, "AKIDEXAMPLE")).has_value());
  ASSERT_TRUE(run(auth->erase_user(context_, "admin")).has_value());
  EXPECT_EQ(message(run(auth->credential(context_, "AKIDEXAMPLE"))), "credentials not found");
  ASSERT_TRUE(run(auth->create_user(context_, "next")).has_value());
  const auto key = run(auth->create_credential(context_, "next", std::nullopt));
  ASSERT_TRUE(key.has_value()) << message(key);
  const auto user = run(
      auth->authenticate_basic(context_, (*key)->key.access_key_id, (*key)->key.secret.reveal()));
  EXPECT_EQ(user.value()->name, "next");
}

TEST_F(AuthTest, AChangeElsewhereIsSeenWhenTheEntryExpires) {
  const auto here = make();
  const auto elsewhere = make();
  set_up(*here);
  ASSERT_TRUE(run(here->credential(context_, "AKIDEXAMPLE")).has_value());
  ASSERT_TRUE(run(elsewhere->erase_user(context_, "admin")).has_value());
  EXPECT_TRUE(run(here->credential(context_, "AKIDEXAMPLE")).has_value());
  clock_.seconds += 21;
  EXPECT_FALSE(run(here->credential(context_, "AKIDEXAMPLE")).has_value());
}

TEST_F(AuthTest, AStaleKeyIsRenewedWithoutBeingDecryptedAgain) {
  const auto auth = make();
  set_up(*auth);
  const CredentialRef before = run(auth->credential(context_, "AKIDEXAMPLE")).value();
  clock_.seconds += 21;
  const CredentialRef after = run(auth->credential(context_, "AKIDEXAMPLE")).value();
  EXPECT_NE(before, after);
  EXPECT_EQ(after->key.secret.reveal(), "the secret");
}

TEST_F(AuthTest, NoSecretIsStoredInTheClear) {
  set_up(*make());
  for (const char* partition : {"auth", "basicAuth"}) {
    ports::KvScan scan;
    scan.partition = partition;
    const ports::KvPage page = run(kv_.scan(context_, scan)).value();
    EXPECT_FALSE(page.rows.empty());
    for (const ports::KvRow& row : page.rows) {
      EXPECT_EQ(row.value.find("the secret"), std::string::npos) << row.key;
    }
  }
}

}  // namespace
}  // namespace varve::services

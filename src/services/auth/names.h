// Small rules about text: what an e-mail address looks like, and how a fresh key pair is made.
#pragma once

#include <string_view>

#include "base/rng.h"
#include "services/auth/principal.h"

namespace varve::services {

// A bare address, `local@domain`, whose domain has at least two labels and ends in a word
// (rest-semantics.md 9.2). Whether anybody reads mail there is not our question.
bool is_email_address(std::string_view text);

// `AKIAJ` + 14 of A-Z2-7 + `Q`, and base64 of 30 random bytes (auth.md 10).
KeyPair generate_key_pair(base::Rng& rng);

}  // namespace varve::services

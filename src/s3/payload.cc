#include "s3/payload.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/number.h"
#include "base/result.h"
#include "base/task.h"
#include "http/headers.h"
#include "http/message.h"
#include "kernel/aws_chunked.h"
#include "s3/checksum.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

using http::equal_ignoring_case;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// The size of the object: what Content-Length says, or the decoded length of a chunked payload.
Outcome<std::optional<std::uint64_t>> announced_size(const http::Request& request,
                                                     const PayloadMode& mode) {
  if (mode.kind == PayloadMode::Kind::Chunked) {
    const auto text = request.headers.get_or_empty("x-amz-decoded-content-length");
    if (text.empty()) return Error(Code::MissingContentLength);
    const auto size = base::parse_number<std::uint64_t>(text);
    if (!size) {
      return invalid_argument("x-amz-decoded-content-length", std::string(text),
                              "The decoded content length must be a number.");
    }
    return size;
  }
  const auto size = request.body.content_length();
  if (!size && !request.body.is_chunked()) return Error(Code::MissingContentLength);
  return size;
}

}  // namespace

Outcome<PayloadMode> parse_payload_mode(std::string_view text) {
  PayloadMode mode;
  if (text.empty() || equal_ignoring_case(text, "UNSIGNED-PAYLOAD")) return mode;
  if (text.size() == 64 && std::all_of(text.begin(), text.end(), is_hex)) {
    mode.kind = PayloadMode::Kind::Sha256;
    mode.sha256.resize(text.size());
    std::transform(text.begin(), text.end(), mode.sha256.begin(), lower);
    return mode;
  }
  mode.kind = PayloadMode::Kind::Chunked;
  if (equal_ignoring_case(text, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")) {
    mode.is_signed = true;
    return mode;
  }
  if (equal_ignoring_case(text, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")) {
    mode.is_signed = mode.has_trailer = true;
    return mode;
  }
  if (equal_ignoring_case(text, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")) {
    mode.has_trailer = true;
    return mode;
  }
  if (equal_ignoring_case(text, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD") ||
      equal_ignoring_case(text, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER")) {
    return Error(Code::NotImplemented, "SigV4A is not implemented.");
  }
  return invalid_argument("x-amz-content-sha256", std::string(text),
                          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "
                          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD or a valid sha256 value.");
}

Outcome<BodyPlan> plan_body(const http::Request& request, Proof proof, BodyRules rules) {
  BodyPlan plan;
  VARVE_TRY(plan.size, announced_size(request, proof.mode));
  if (plan.size && *plan.size > static_cast<std::uint64_t>(rules.bytes_max)) {
    return Error(Code::EntityTooLarge)
        .with("ProposedSize", std::to_string(*plan.size))
        .with("MaxSizeAllowed", std::to_string(rules.bytes_max));
  }
  VARVE_TRY(plan.md5, expected_md5(request.headers));
  if (rules.checksum_headers == ChecksumHeaders::AboutBody) {
    VARVE_TRY(plan.checksum, expected_checksum(request.headers, proof.mode.has_trailer));
  }
  if (proof.mode.is_signed && !proof.chain) {
    return Error(Code::InvalidRequest, "Signed chunks need a request signed with version 4.");
  }
  plan.mode = std::move(proof.mode);
  plan.chain = std::move(proof.chain);
  return plan;
}

namespace {

Error other_size(std::uint64_t announced, std::string_view came) {
  return Error(Code::IncompleteBody, std::to_string(announced) +
                                         " bytes were announced, and the body has " +
                                         std::string(came) + ".");
}

Error other_md5(std::string_view announced, std::string_view computed) {
  return Error(Code::BadDigest, "The Content-MD5 you specified, " + base::base64_encode(announced) +
                                    ", did not match what we received, which has " +
                                    base::base64_encode(computed) + ".");
}

}  // namespace

VerifiedBody::VerifiedBody(http::BodyStream body, BodyPlan plan, std::int64_t bytes_max,
                           std::shared_ptr<BodyVerdict> verdict)
    : body_(std::move(body)),
      plan_(std::move(plan)),
      bytes_max_(bytes_max),
      verdict_(std::move(verdict)) {
  if (plan_.mode.kind == PayloadMode::Kind::Chunked) {
    decoder_.emplace(plan_.mode.has_trailer, std::move(plan_.chain));
  }
  if (plan_.mode.kind == PayloadMode::Kind::Sha256) sha256_.emplace(base::HashKind::Sha256);
  if (plan_.md5) md5_.emplace(base::HashKind::Md5);
  if (plan_.checksum) checksum_.emplace(hash_of(plan_.checksum->algorithm));
}

base::Result<base::Bytes> VerifiedBody::fail(Error error) {
  base::Error told(base::Code::InvalidArgument, std::string(error.message()));
  verdict_->failure = std::move(error);
  return told;
}

base::Task<base::Result<base::Bytes>> VerifiedBody::read(std::size_t bytes_max) {
  if (is_done_) co_return base::Bytes();
  for (;;) {
    base::Result<base::Bytes> raw = co_await body_.read(bytes_max);
    if (!raw) co_return fail(translate(Asked::Write, raw.error()));
    if (raw->empty()) {
      is_done_ = true;
      Outcome<void> outcome = finish();
      if (!outcome) co_return fail(std::move(outcome).error());
      co_return base::Bytes();
    }
    base::Bytes bytes;
    if (decoder_) {
      bytes.reserve(raw->size());
      const auto decoded = decoder_->feed(*raw, bytes);
      if (!decoded) co_return fail(translate(Asked::Write, decoded.error()));
      if (bytes.empty()) continue;
    } else {
      bytes = *std::move(raw);
    }
    Outcome<void> outcome = accept(bytes);
    if (!outcome) co_return fail(std::move(outcome).error());
    co_return bytes;
  }
}

Outcome<void> VerifiedBody::accept(std::string_view bytes) {
  verdict_->size += static_cast<std::int64_t>(bytes.size());
  if (plan_.size && static_cast<std::uint64_t>(verdict_->size) > *plan_.size) {
    return other_size(*plan_.size, "more");
  }
  if (verdict_->size > bytes_max_) return Error(Code::EntityTooLarge);
  if (sha256_) sha256_->update(bytes);
  if (md5_) md5_->update(bytes);
  if (checksum_) checksum_->update(bytes);
  return {};
}

Outcome<void> VerifiedBody::check_trailer() {
  const auto header = header_of(plan_.checksum->algorithm);
  const kernel::ChunkTrailer* found = nullptr;
  for (const kernel::ChunkTrailer& trailer : decoder_->trailers()) {
    if (equal_ignoring_case(trailer.name, header)) found = &trailer;
  }
  if (found == nullptr) return Error(Code::MalformedTrailer);
  plan_.checksum->digest = decode_checksum(plan_.checksum->algorithm, found->value);
  if (!plan_.checksum->digest) return Error(Code::MalformedTrailer);
  return {};
}

Outcome<void> VerifiedBody::finish() {
  if (decoder_) {
    const auto ended = decoder_->finish();
    if (!ended) return translate(Asked::Write, ended.error());
  }
  if (plan_.size && static_cast<std::uint64_t>(verdict_->size) != *plan_.size) {
    return other_size(*plan_.size, std::to_string(verdict_->size));
  }
  if (sha256_) {
    std::string computed = base::hex_encode(sha256_->finish());
    if (computed != plan_.mode.sha256) {
      return Error(Code::ContentSha256Mismatch)
          .with("ClientComputedContentSHA256", plan_.mode.sha256)
          .with("S3ComputedContentSHA256", std::move(computed));
    }
  }
  if (md5_) {
    const base::Bytes computed = md5_->finish();
    if (computed != *plan_.md5) return other_md5(*plan_.md5, computed);
  }
  if (!checksum_) return {};
  if (plan_.checksum->is_trailer) VARVE_CHECK(check_trailer());
  const base::Bytes computed = checksum_->finish();
  if (plan_.checksum->digest && *plan_.checksum->digest != computed) {
    return Error(Code::BadDigest, "The " + std::string(name_of(plan_.checksum->algorithm)) +
                                      " you specified, " +
                                      base::base64_encode(*plan_.checksum->digest) +
                                      ", did not match the calculated checksum, " +
                                      base::base64_encode(computed) + ".");
  }
  verdict_->checksum = Checksum{plan_.checksum->algorithm, base::base64_encode(computed)};
  return {};
}

base::Task<Outcome<base::Bytes>> read_verified(http::BodyStream body, BodyPlan plan,
                                               std::size_t bytes_max, Code too_large) {
  auto verdict = std::make_shared<BodyVerdict>();
  VerifiedBody source(std::move(body), std::move(plan), static_cast<std::int64_t>(bytes_max),
                      verdict);
  base::Bytes whole;
  for (;;) {
    base::Result<base::Bytes> piece = co_await source.read(bytes_max);
    if (!piece) {
      if (verdict->failure->code() == Code::EntityTooLarge) co_return Error(too_large);
      co_return *std::move(verdict->failure);
    }
    if (piece->empty()) co_return whole;
    if (whole.empty()) {
      whole = *std::move(piece);
    } else {
      whole.append(*piece);
    }
  }
}

}  // namespace varve::s3

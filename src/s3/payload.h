// How a request's body comes and what it must prove: the mode of x-amz-content-sha256, and the
// ByteSource that decodes the body and verifies everything the client said about it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/hash.h"
#include "engine/uploads/uploads.h"
#include "http/message.h"
#include "kernel/aws_chunked.h"
#include "s3/checksum.h"
#include "s3/errors.h"

namespace varve::s3 {

struct PayloadMode {
  enum class Kind : std::uint8_t { Unsigned, Sha256, Chunked };
  Kind kind = Kind::Unsigned;
  std::string sha256;        // of Sha256: 64 lower-case hex digits
  bool has_trailer = false;  // of Chunked
  bool is_signed = false;    // of Chunked: every chunk carries a signature
};
// From the text of x-amz-content-sha256, compared without case; empty: unsigned.
//   InvalidArgument  an unknown mode;  NotImplemented  SigV4A
Outcome<PayloadMode> parse_payload_mode(std::string_view text);

// What a checked claim (claim.h) leaves to be proved: how the body must look.
struct Proof {
  PayloadMode mode;
  std::optional<kernel::SigV4ChunkChain> chain;
  // The signature is that of a query whose bare `+` are plus signs, so that is what they mean.
  bool is_plus_literal = false;
};

// What a body promised, resolved before its first byte is read.
struct BodyPlan {
  PayloadMode mode;
  std::optional<kernel::SigV4ChunkChain> chain;  // where mode.is_signed
  std::optional<std::uint64_t> size;             // decoded; absent: unknown (chunked transfer)
  std::optional<base::Bytes> md5;
  std::optional<ExpectedChecksum> checksum;
};
// What x-amz-checksum-* headers describe: the body they come with, or the object it is about.
enum class ChecksumHeaders : std::uint8_t { AboutBody, AboutObject };
struct BodyRules {
  std::int64_t bytes_max = 0;
  ChecksumHeaders checksum_headers = ChecksumHeaders::AboutBody;
};
//   MissingContentLength, InvalidArgument, EntityTooLarge, InvalidDigest, InvalidRequest
Outcome<BodyPlan> plan_body(const http::Request& request, Proof proof, BodyRules rules);

// What a verified body turned out to be. Shared by the source, which the engine owns while it
// reads, and the operation that wants to know afterwards.
struct BodyVerdict {
  std::optional<Error> failure;      // set before read() fails
  std::optional<Checksum> checksum;  // of the algorithm the plan names
  std::int64_t size = 0;
};

// Reads `body` to its end, decoding and hashing; the last read() fails unless all of the plan
// holds.
class VerifiedBody final : public engine::ByteSource {
 public:
  VerifiedBody(http::BodyStream body, BodyPlan plan, std::int64_t bytes_max,
               std::shared_ptr<BodyVerdict> verdict);
  base::Task<base::Result<base::Bytes>> read(std::size_t bytes_max) override;

 private:
  base::Result<base::Bytes> fail(Error error);
  Outcome<void> accept(std::string_view bytes);
  Outcome<void> finish();
  Outcome<void> check_trailer();

  http::BodyStream body_;
  BodyPlan plan_;
  std::int64_t bytes_max_;
  std::shared_ptr<BodyVerdict> verdict_;
  std::optional<kernel::AwsChunkedDecoder> decoder_;
  std::optional<base::Hasher> sha256_;
  std::optional<base::Hasher> md5_;
  std::optional<base::Hasher> checksum_;
  bool is_done_ = false;
};

// A whole small body (an XML document), verified in the same way.
//   EntityTooLarge (as MalformedXML says it: `too_large`), and what a body can fail with
base::Task<Outcome<base::Bytes>> read_verified(http::BodyStream body, BodyPlan plan,
                                               std::size_t bytes_max, Code too_large);

}  // namespace varve::s3

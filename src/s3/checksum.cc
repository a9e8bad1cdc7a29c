#include "s3/checksum.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "http/headers.h"
#include "s3/errors.h"

namespace varve::s3 {
namespace {

struct Row {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::string_view element;
  base::HashKind hash;
  std::size_t digest_bytes;
};
using enum ChecksumAlgorithm;
using base::HashKind;
// In the order of the enumeration.
constexpr std::array<Row, 5> Rows{{
    {Crc32, "CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", HashKind::Crc32, 4},
    {Crc32c, "CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", HashKind::Crc32c, 4},
    {Crc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME", HashKind::Crc64Nvme,
     8},
    {Sha1, "SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", HashKind::Sha1, 20},
    {Sha256, "SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", HashKind::Sha256, 32},
}};
const Row& row(ChecksumAlgorithm algorithm) { return Rows[static_cast<std::size_t>(algorithm)]; }

std::optional<ChecksumAlgorithm> find_by(std::string_view Row::* member, std::string_view text) {
  for (const Row& one : Rows) {
    if (http::equal_ignoring_case(one.*member, text)) return one.algorithm;
  }
  return std::nullopt;
}

Error invalid_request(std::string text) { return Error(Code::InvalidRequest, std::move(text)); }

// ---- CRCs of joined byte runs, by matrices over GF(2) ----
//
// Appending n zero bytes to a message multiplies its CRC register by x^(8n) modulo the polynomial,
// a linear map. crc(A ‖ B) = map_n(crc(A)) xor crc(B), n = |B|: initial and final inversion cancel.
template <class Word>
class CrcJoiner {
 public:
  explicit CrcJoiner(Word reflected_polynomial) {
    // The map of one zero bit: shift right, and fold the polynomial in for the bit that falls out.
    one_bit_[0] = reflected_polynomial;
    for (std::size_t i = 1; i < Bits; ++i) one_bit_[i] = Word{1} << (i - 1);
  }

  Word join(Word first, Word second, std::uint64_t second_bytes) {
    // Parts are of one size, but for the last: the map of that size is made once.
    if (!is_cached_ || second_bytes != cached_bytes_) {
      cached_ = map_of(second_bytes);
      cached_bytes_ = second_bytes;
      is_cached_ = true;
    }
    return times(cached_, first) ^ second;
  }

 private:
  static constexpr std::size_t Bits = sizeof(Word) * 8;
  using Matrix = std::array<Word, Bits>;

  static Word times(const Matrix& matrix, Word vector) {
    Word sum = 0;
    for (std::size_t i = 0; vector != 0; vector >>= 1U, ++i) {
      if ((vector & 1U) != 0) sum ^= matrix[i];
    }
    return sum;
  }
  // First `second`, then `first`.
  static Matrix product(const Matrix& first, const Matrix& second) {
    Matrix out;
    for (std::size_t i = 0; i < Bits; ++i) out[i] = times(first, second[i]);
    return out;
  }
  static Matrix square(const Matrix& matrix) { return product(matrix, matrix); }

  // The map of `bytes` zero bytes, by repeated squaring.
  Matrix map_of(std::uint64_t bytes) const {
    Matrix power = square(square(square(one_bit_)));  // one zero byte
    Matrix map;
    for (std::size_t i = 0; i < Bits; ++i) map[i] = Word{1} << i;
    for (; bytes != 0; bytes >>= 1U) {
      if ((bytes & 1U) != 0) map = product(power, map);
      power = square(power);
    }
    return map;
  }

  Matrix one_bit_{};
  Matrix cached_{};
  std::uint64_t cached_bytes_ = 0;
  bool is_cached_ = false;
};

template <class Word>
Word big_endian(std::string_view bytes) {
  Word value = 0;
  for (const char c : bytes) value = static_cast<Word>(value << 8U | static_cast<unsigned char>(c));
  return value;
}

template <class Word>
std::string join_parts(Word polynomial, std::span<const PartDigest> parts) {
  CrcJoiner<Word> joiner(polynomial);
  Word crc = 0;
  for (const PartDigest& part : parts) {
    crc = joiner.join(crc, big_endian<Word>(part.digest), static_cast<std::uint64_t>(part.size));
  }
  base::Bytes bytes;
  for (std::size_t i = sizeof(Word); i-- > 0;) bytes.push_back(static_cast<char>(crc >> (8 * i)));
  return base::base64_encode(bytes);
}

}  // namespace

std::string_view name_of(ChecksumAlgorithm algorithm) { return row(algorithm).name; }
std::string_view header_of(ChecksumAlgorithm algorithm) { return row(algorithm).header; }
std::string_view element_of(ChecksumAlgorithm algorithm) { return row(algorithm).element; }
base::HashKind hash_of(ChecksumAlgorithm algorithm) { return row(algorithm).hash; }
std::string_view name_of(ChecksumType type) {
  return type == ChecksumType::FullObject ? "FULL_OBJECT" : "COMPOSITE";
}
std::optional<ChecksumAlgorithm> checksum_algorithm(std::string_view name) {
  return find_by(&Row::name, name);
}
std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view name) {
  return find_by(&Row::header, name);
}
std::optional<ChecksumAlgorithm> checksum_of_element(std::string_view name) {
  return find_by(&Row::element, name);
}
std::optional<ChecksumType> checksum_type(std::string_view name) {
  if (name == "FULL_OBJECT") return ChecksumType::FullObject;
  if (name == "COMPOSITE") return ChecksumType::Composite;
  return std::nullopt;
}

std::optional<base::Bytes> decode_checksum(ChecksumAlgorithm algorithm, std::string_view base64) {
  base::Bytes bytes;
  if (!base::base64_decode(base64, bytes) || bytes.size() != row(algorithm).digest_bytes) {
    return std::nullopt;
  }
  return bytes;
}

namespace {

// The algorithm a trailer is announced for, if one is.
Outcome<std::optional<ChecksumAlgorithm>> announced_trailer(const http::Headers& headers) {
  const auto name = headers.get_or_empty("x-amz-trailer");
  if (name.empty()) return std::optional<ChecksumAlgorithm>();
  const auto algorithm = checksum_of_header(name);
  if (!algorithm)
    return invalid_request("The value specified in the x-amz-trailer header is not supported");
  return algorithm;
}

}  // namespace

Outcome<std::optional<ExpectedChecksum>> expected_checksum(const http::Headers& headers,
                                                           bool has_trailer) {
  std::optional<ExpectedChecksum> found;
  const auto several = [] {
    return invalid_request(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are "
        "not allowed.");
  };
  for (const http::Headers::Field field : headers) {
    const auto algorithm = checksum_of_header(field.name);
    if (!algorithm) continue;
    if (found) return several();
    std::optional<base::Bytes> digest = decode_checksum(*algorithm, field.value);
    if (!digest) {
      return invalid_request("Value for " + std::string(header_of(*algorithm)) +
                             " header is invalid.");
    }
    found = ExpectedChecksum{*algorithm, std::move(digest), false};
  }
  if (has_trailer) {
    VARVE_TRY(const auto trailer, announced_trailer(headers));
    if (trailer && found) return several();
    if (trailer) found = ExpectedChecksum{*trailer, std::nullopt, true};
  }
  const auto named = headers.get_or_empty("x-amz-sdk-checksum-algorithm");
  if (found && !named.empty() && checksum_algorithm(named) != found->algorithm) {
    return invalid_request("Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  return found;
}

Outcome<std::optional<base::Bytes>> expected_md5(const http::Headers& headers) {
  const auto text = headers.get("Content-MD5");
  if (!text) return std::optional<base::Bytes>();
  base::Bytes digest;
  if (!base::base64_decode(*text, digest) || digest.size() != 16) return Error(Code::InvalidDigest);
  return std::optional<base::Bytes>(std::move(digest));
}

std::string composite_checksum(ChecksumAlgorithm algorithm, std::span<const PartDigest> parts) {
  base::Hasher hasher(hash_of(algorithm));
  for (const PartDigest& part : parts) hasher.update(part.digest);
  return base::base64_encode(hasher.finish()) + "-" + std::to_string(parts.size());
}

std::optional<std::string> full_object_checksum(ChecksumAlgorithm algorithm,
                                                std::span<const PartDigest> parts) {
  switch (algorithm) {
    case Crc32:
      return join_parts<std::uint32_t>(0xEDB88320U, parts);
    case Crc32c:
      return join_parts<std::uint32_t>(0x82F63B78U, parts);
    case Crc64Nvme:
      return join_parts<std::uint64_t>(0x9A6C9329AC4BC9B5U, parts);
    case Sha1:
    case Sha256:
      return std::nullopt;
  }
  return std::nullopt;
}

Outcome<std::optional<DeclaredChecksum>> declared_checksum(const http::Headers& headers) {
  const auto name = headers.get_or_empty("x-amz-checksum-algorithm");
  const auto type_name = headers.get_or_empty("x-amz-checksum-type");
  if (name.empty()) {
    if (!type_name.empty()) {
      return invalid_request(
          "The x-amz-checksum-type header can only be used with the "
          "x-amz-checksum-algorithm header.");
    }
    return std::optional<DeclaredChecksum>();
  }
  const auto algorithm = checksum_algorithm(name);
  if (!algorithm) {
    return invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any "
        "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  }
  DeclaredChecksum declared{
      *algorithm, *algorithm == Crc64Nvme ? ChecksumType::FullObject : ChecksumType::Composite};
  if (type_name.empty()) return std::optional(declared);
  const auto type = checksum_type(type_name);
  if (!type) return invalid_request("Value for x-amz-checksum-type header is invalid.");
  const bool is_sha = *algorithm == Sha1 || *algorithm == Sha256;
  const bool is_full = *type == ChecksumType::FullObject;
  if ((is_full && is_sha) || (!is_full && *algorithm == Crc64Nvme)) {
    return invalid_request("The " + std::string(type_name) + " checksum type cannot be used with " +
                           "the " + std::string(name_of(*algorithm)) + " checksum algorithm.");
  }
  declared.type = *type;
  return std::optional(declared);
}

}  // namespace varve::s3

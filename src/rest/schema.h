// What a request's body must look like: the part of JSON Schema that the API uses, as constants.
// One table (schemas.cc) drives validation and the OpenAPI document, so neither can drift.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace varve::rest {

// A pattern is a function that decides and the regular expression that documents it.
struct Pattern {
  std::string_view regex;
  bool (*matches)(std::string_view text) = nullptr;
};

struct Property;

struct Schema {
  enum class Type : std::uint8_t { Text, Integer, Boolean, List, Object, Map, Any };

  Type type = Type::Any;
  std::string_view name = {};                 // of a component of the OpenAPI document
  std::span<const Property> properties = {};  // of Object; unknown ones are ignored
  const Schema* items = nullptr;              // of List and Map
  std::size_t size_min = 0;                   // bytes of Text, items of List
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::span<const std::string_view> choices = {};  // of Text
  const Pattern* pattern = nullptr;                // of Text
  bool is_nullable = false;
};

struct Property {
  std::string_view name;
  const Schema* schema;
  bool is_required = false;
};

// The bodies of the API, by their names in the OpenAPI document.
namespace schemas {
extern const Schema Acl;
extern const Schema AbortPresignMultipartUpload;
extern const Schema BranchCreation;
extern const Schema BranchProtectionRule;
extern const Schema BranchProtectionRules;
extern const Schema BranchProtectionPattern;
extern const Schema CherryPickCreation;
extern const Schema CommPrefsInput;
extern const Schema CommitCreation;
extern const Schema CommitRecordCreation;
extern const Schema CompletePresignMultipartUpload;
extern const Schema ExternalLoginInformation;
extern const Schema ExternalPrincipalCreation;
extern const Schema GarbageCollectionRules;
extern const Schema GroupCreation;
extern const Schema ImportCreation;
extern const Schema LoginInformation;
extern const Schema Merge;
extern const Schema ObjectCopyCreation;
extern const Schema ObjectStageCreation;
extern const Schema PathList;
extern const Schema Policy;
extern const Schema PrepareGcUncommittedRequest;
extern const Schema PullRequestBasic;
extern const Schema PullRequestCreation;
extern const Schema RefsRestore;
extern const Schema RepositoryCreation;
extern const Schema RepositoryMetadataKeys;
extern const Schema RepositoryMetadataSet;
extern const Schema ResetCreation;
extern const Schema RevertCreation;
extern const Schema Setup;
extern const Schema StagingMetadata;
extern const Schema StatsEventsList;
extern const Schema StsAuthRequest;
extern const Schema TagCreation;
extern const Schema UpdateObjectUserMetadata;
extern const Schema UploadPartCopyFrom;
extern const Schema UploadPartFrom;
extern const Schema UserCreation;
}  // namespace schemas

// Patterns that parameters use too.
extern const Pattern RangePattern;

}  // namespace varve::rest

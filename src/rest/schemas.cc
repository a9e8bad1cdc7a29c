// The bodies of the API. See schema.h; rest-semantics.md says what handlers check beyond this.
#include <cstddef>
#include <string_view>

#include "rest/schema.h"

namespace varve::rest {
namespace {

using Type = Schema::Type;

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_repository_name(std::string_view text) {
  if (text.size() < 3 || text.size() > 63 || !is_lower_or_digit(text.front())) return false;
  for (const char c : text) {
    if (!is_lower_or_digit(c) && c != '-') return false;
  }
  return true;
}

bool is_storage_namespace(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return false;
  // `.` does not match a line break.
  if (text.find('\n', colon) != std::string_view::npos) return false;
  const std::string_view scheme = text.substr(0, colon);
  for (const std::string_view known : {"s3", "gs", "http", "https", "mem", "local", "transient"}) {
    if (scheme == known) return true;
  }
  return false;
}

// One or more of `first-last`, each with an optional comma and an optional space after it.
bool is_range(std::string_view text) {
  if (!text.starts_with("bytes=")) return false;
  text.remove_prefix(6);
  if (text.empty()) return false;
  const auto skip_digits = [&text] {
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') text.remove_prefix(1);
  };
  while (!text.empty()) {
    skip_digits();
    if (!text.starts_with('-')) return false;
    text.remove_prefix(1);
    skip_digits();
    if (text.starts_with(',')) text.remove_prefix(1);
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  return true;
}

constexpr Pattern RepositoryNamePattern{"^[a-z0-9][a-z0-9-]{2,62}$", &is_repository_name};
constexpr Pattern NamespacePattern{"^(s3|gs|https?|mem|local|transient)://.*$",
                                   &is_storage_namespace};
constexpr Pattern ByteRangePattern{R"(^bytes=((\d*-\d*,? ?)+)$)", &is_range};

constexpr Schema Text{.type = Type::Text};
constexpr Schema NonEmptyText{.type = Type::Text, .size_min = 1};
constexpr Schema NullableText{.type = Type::Text, .is_nullable = true};
constexpr Schema Integer{.type = Type::Integer};
constexpr Schema Boolean{.type = Type::Boolean};
constexpr Schema AnyObject{.type = Type::Map};
constexpr Schema Texts{.type = Type::List, .items = &Text};
constexpr Schema SomeTexts{.type = Type::List, .items = &Text, .size_min = 1};
constexpr Schema TextMap{.type = Type::Map, .items = &Text};

constexpr Property AclProperties[] = {
    {"permission", &Text, true},
};
constexpr Property AbortPresignMultipartUploadProperties[] = {
    {"physical_address", &Text, true},
};
constexpr Property BranchCreationProperties[] = {
    {"name", &Text, true},
    {"source", &Text, true},
    {"force", &Boolean},
    {"hidden", &Boolean},
};
constexpr Property BranchProtectionRuleProperties[] = {
    {"pattern", &NonEmptyText, true},
};
constexpr Property CommitOverridesProperties[] = {
    {"message", &Text},
    {"metadata", &TextMap},
};
constexpr Schema CommitOverrides{
    .type = Type::Object, .name = "CommitOverrides", .properties = CommitOverridesProperties};
constexpr Property CherryPickCreationProperties[] = {
    {"ref", &Text, true},
    {"parent_number", &Integer},
    {"commit_overrides", &CommitOverrides},
    {"force", &Boolean},
};
constexpr Property CommPrefsInputProperties[] = {
    {"firstName", &Text},
    {"lastName", &Text},
    {"email", &Text},
    {"companyName", &Text},
    {"featureUpdates", &Boolean, true},
    {"securityUpdates", &Boolean, true},
};
constexpr Property CommitCreationProperties[] = {
    {"message", &Text, true},  {"metadata", &TextMap}, {"date", &Integer},
    {"allow_empty", &Boolean}, {"force", &Boolean},
};
constexpr Schema CommitRecordCreationVersion{.type = Type::Integer, .minimum = 0, .maximum = 1};
constexpr Property CommitRecordCreationProperties[] = {
    {"commit_id", &Text, true},     {"version", &CommitRecordCreationVersion, true},
    {"committer", &Text, true},     {"message", &Text, true},
    {"metarange_id", &Text, true},  {"creation_date", &Integer, true},
    {"parents", &Texts, true},      {"metadata", &TextMap},
    {"generation", &Integer, true}, {"force", &Boolean},
};
constexpr Property UploadPartProperties[] = {
    {"part_number", &Integer, true},
    {"etag", &Text, true},
};
constexpr Schema UploadPart{
    .type = Type::Object, .name = "UploadPart", .properties = UploadPartProperties};
constexpr Schema UploadPartList{.type = Type::List, .items = &UploadPart};
constexpr Property CompletePresignMultipartUploadProperties[] = {
    {"physical_address", &Text, true},
    {"parts", &UploadPartList, true},
    {"user_metadata", &TextMap},
    {"content_type", &Text},
};
constexpr Property ExternalLoginInformationProperties[] = {
    {"token_expiration_duration", &Integer},
    {"identityRequest", &AnyObject, true},
};
constexpr Property ExternalPrincipalCreationProperties[] = {
    {"settings", &AnyObject},
};
constexpr Property GarbageCollectionRuleProperties[] = {
    {"branch_id", &Text, true},
    {"retention_days", &Integer, true},
};
constexpr Schema GarbageCollectionRule{.type = Type::Object,
                                       .name = "GarbageCollectionRule",
                                       .properties = GarbageCollectionRuleProperties};
constexpr Schema GarbageCollectionRuleList{.type = Type::List, .items = &GarbageCollectionRule};
constexpr Property GarbageCollectionRulesProperties[] = {
    {"default_retention_days", &Integer, true},
    {"branches", &GarbageCollectionRuleList, true},
};
constexpr Property GroupCreationProperties[] = {
    {"id", &Text, true},
    {"description", &Text},
};
constexpr std::string_view ImportLocationTypeChoices[] = {"common_prefix", "object"};
constexpr Schema ImportLocationType{.type = Type::Text, .choices = ImportLocationTypeChoices};
constexpr Property ImportLocationProperties[] = {
    {"type", &ImportLocationType, true},
    {"path", &Text, true},
    {"destination", &Text, true},
};
constexpr Schema ImportLocation{
    .type = Type::Object, .name = "ImportLocation", .properties = ImportLocationProperties};
constexpr Schema ImportLocationList{.type = Type::List, .items = &ImportLocation};
constexpr Property ImportCreationProperties[] = {
    {"paths", &ImportLocationList, true},
    {"commit", &schemas::CommitCreation, true},
    {"force", &Boolean},
};
constexpr Property LoginInformationProperties[] = {
    {"access_key_id", &Text, true},
    {"secret_access_key", &Text, true},
};
constexpr Property MergeProperties[] = {
    {"message", &Text},  {"metadata", &TextMap},    {"strategy", &Text},
    {"force", &Boolean}, {"allow_empty", &Boolean}, {"squash_merge", &Boolean},
};
constexpr Property ObjectCopyCreationProperties[] = {
    {"src_path", &Text, true},
    {"src_ref", &Text},
    {"force", &Boolean},
    {"shallow", &Boolean},
};
constexpr Property ObjectStageCreationProperties[] = {
    {"physical_address", &Text, true},
    {"checksum", &Text, true},
    {"size_bytes", &Integer, true},
    {"mtime", &Integer},
    {"metadata", &TextMap},
    {"content_type", &Text},
    {"force", &Boolean},
};
constexpr Property PathListProperties[] = {
    {"paths", &Texts, true},
};
constexpr std::string_view StatementEffectChoices[] = {"allow", "deny"};
constexpr Schema StatementEffect{.type = Type::Text, .choices = StatementEffectChoices};
constexpr Schema TextsMap{.type = Type::Map, .items = &Texts};
constexpr Schema TextsMapMap{.type = Type::Map, .items = &TextsMap};
constexpr Property StatementProperties[] = {
    {"effect", &StatementEffect, true},
    {"resource", &Text, true},
    {"action", &SomeTexts, true},
    {"condition", &TextsMapMap},
};
constexpr Schema Statement{
    .type = Type::Object, .name = "Statement", .properties = StatementProperties};
constexpr Schema SomeStatementList{.type = Type::List, .items = &Statement, .size_min = 1};
constexpr Property PolicyProperties[] = {
    {"id", &Text, true},
    {"creation_date", &Integer},
    {"statement", &SomeStatementList, true},
};
constexpr Property PrepareGcUncommittedRequestProperties[] = {
    {"continuation_token", &Text},
};
constexpr std::string_view PullRequestBasicStatusChoices[] = {"open", "closed", "merged"};
constexpr Schema PullRequestBasicStatus{.type = Type::Text,
                                        .choices = PullRequestBasicStatusChoices};
constexpr Property PullRequestBasicProperties[] = {
    {"status", &PullRequestBasicStatus},
    {"title", &Text},
    {"description", &Text},
};
constexpr Property PullRequestCreationProperties[] = {
    {"title", &Text, true},
    {"description", &Text},
    {"source_branch", &Text, true},
    {"destination_branch", &Text, true},
};
constexpr Property RefsRestoreProperties[] = {
    {"commits_meta_range_id", &Text, true},
    {"tags_meta_range_id", &Text, true},
    {"branches_meta_range_id", &Text, true},
    {"force", &Boolean},
};
constexpr Schema RepositoryName{.type = Type::Text, .pattern = &RepositoryNamePattern};
constexpr Schema NamespaceText{.type = Type::Text, .pattern = &NamespacePattern};
constexpr Property RepositoryCreationProperties[] = {
    {"name", &RepositoryName, true},
    {"storage_id", &Text},
    {"storage_namespace", &NamespaceText, true},
    {"default_branch", &Text},
    {"sample_data", &Boolean},
    {"read_only", &Boolean},
};
constexpr Property RepositoryMetadataKeysProperties[] = {
    {"keys", &Texts, true},
};
constexpr Property RepositoryMetadataSetProperties[] = {
    {"metadata", &TextMap, true},
};
constexpr std::string_view ResetCreationTypeChoices[] = {"object", "common_prefix", "reset"};
constexpr Schema ResetCreationType{.type = Type::Text, .choices = ResetCreationTypeChoices};
constexpr Property ResetCreationProperties[] = {
    {"type", &ResetCreationType, true},
    {"path", &Text},
    {"force", &Boolean},
};
constexpr Property RevertCreationProperties[] = {
    {"ref", &Text, true},
    {"commit_overrides", &CommitOverrides},
    {"parent_number", &Integer, true},
    {"force", &Boolean},
    {"allow_empty", &Boolean},
};
constexpr Property AccessKeyCredentialsProperties[] = {
    {"access_key_id", &NonEmptyText, true},
    {"secret_access_key", &NonEmptyText, true},
};
constexpr Schema AccessKeyCredentials{.type = Type::Object,
                                      .name = "AccessKeyCredentials",
                                      .properties = AccessKeyCredentialsProperties};
constexpr Property SetupProperties[] = {
    {"username", &Text, true},
    {"key", &AccessKeyCredentials},
    {"firstName", &Text},
    {"lastName", &Text},
    {"email", &Text},
    {"companyName", &Text},
    {"featureUpdates", &Boolean},
    {"securityUpdates", &Boolean},
};
constexpr Property StagingLocationProperties[] = {
    {"physical_address", &Text},
    {"presigned_url", &NullableText},
    {"presigned_url_expiry", &Integer},
};
constexpr Schema StagingLocation{
    .type = Type::Object, .name = "StagingLocation", .properties = StagingLocationProperties};
constexpr Property StagingMetadataProperties[] = {
    {"staging", &StagingLocation, true},
    {"checksum", &Text, true},
    {"size_bytes", &Integer, true},
    {"user_metadata", &TextMap},
    {"content_type", &Text},
    {"mtime", &Integer},
    {"force", &Boolean},
};
constexpr Property StatsEventProperties[] = {
    {"class", &Text, true},
    {"name", &Text, true},
    {"count", &Integer, true},
};
constexpr Schema StatsEvent{
    .type = Type::Object, .name = "StatsEvent", .properties = StatsEventProperties};
constexpr Schema StatsEventList{.type = Type::List, .items = &StatsEvent};
constexpr Property StatsEventsListProperties[] = {
    {"events", &StatsEventList, true},
};
constexpr Property StsAuthRequestProperties[] = {
    {"code", &Text, true},
    {"state", &Text, true},
    {"redirect_uri", &Text, true},
    {"ttl_seconds", &Integer},
};
constexpr Property TagCreationProperties[] = {
    {"id", &Text, true},
    {"ref", &Text, true},
    {"force", &Boolean},
};
constexpr Property UpdateObjectUserMetadataProperties[] = {
    {"set", &TextMap, true},
};
constexpr Schema RangeText{.type = Type::Text, .pattern = &ByteRangePattern};
constexpr Property CopyPartSourceProperties[] = {
    {"repository", &Text, true},
    {"ref", &Text, true},
    {"path", &Text, true},
    {"range", &RangeText},
};
constexpr Schema CopyPartSource{
    .type = Type::Object, .name = "CopyPartSource", .properties = CopyPartSourceProperties};
constexpr Property UploadPartCopyFromProperties[] = {
    {"physical_address", &Text, true},
    {"copy_source", &CopyPartSource, true},
};
constexpr Property UploadPartFromProperties[] = {
    {"physical_address", &Text, true},
};
constexpr Property UserCreationProperties[] = {
    {"id", &Text, true},
    {"invite_user", &Boolean},
};
constexpr Property BranchProtectionPatternProperties[] = {
    {"pattern", &Text, true},
};

}  // namespace

const Pattern RangePattern = ByteRangePattern;

namespace schemas {
const Schema Acl{.type = Type::Object, .name = "ACL", .properties = AclProperties};
const Schema AbortPresignMultipartUpload{.type = Type::Object,
                                         .name = "AbortPresignMultipartUpload",
                                         .properties = AbortPresignMultipartUploadProperties};
const Schema BranchCreation{
    .type = Type::Object, .name = "BranchCreation", .properties = BranchCreationProperties};
const Schema BranchProtectionRule{.type = Type::Object,
                                  .name = "BranchProtectionRule",
                                  .properties = BranchProtectionRuleProperties};
const Schema CherryPickCreation{
    .type = Type::Object, .name = "CherryPickCreation", .properties = CherryPickCreationProperties};
const Schema CommPrefsInput{
    .type = Type::Object, .name = "CommPrefsInput", .properties = CommPrefsInputProperties};
const Schema CommitCreation{
    .type = Type::Object, .name = "CommitCreation", .properties = CommitCreationProperties};
const Schema CommitRecordCreation{.type = Type::Object,
                                  .name = "CommitRecordCreation",
                                  .properties = CommitRecordCreationProperties};
const Schema CompletePresignMultipartUpload{.type = Type::Object,
                                            .name = "CompletePresignMultipartUpload",
                                            .properties = CompletePresignMultipartUploadProperties};
const Schema ExternalLoginInformation{.type = Type::Object,
                                      .name = "ExternalLoginInformation",
                                      .properties = ExternalLoginInformationProperties};
const Schema ExternalPrincipalCreation{.type = Type::Object,
                                       .name = "ExternalPrincipalCreation",
                                       .properties = ExternalPrincipalCreationProperties};
const Schema GarbageCollectionRules{.type = Type::Object,
                                    .name = "GarbageCollectionRules",
                                    .properties = GarbageCollectionRulesProperties};
const Schema GroupCreation{
    .type = Type::Object, .name = "GroupCreation", .properties = GroupCreationProperties};
const Schema ImportCreation{
    .type = Type::Object, .name = "ImportCreation", .properties = ImportCreationProperties};
const Schema LoginInformation{
    .type = Type::Object, .name = "LoginInformation", .properties = LoginInformationProperties};
const Schema Merge{.type = Type::Object, .name = "Merge", .properties = MergeProperties};
const Schema ObjectCopyCreation{
    .type = Type::Object, .name = "ObjectCopyCreation", .properties = ObjectCopyCreationProperties};
const Schema ObjectStageCreation{.type = Type::Object,
                                 .name = "ObjectStageCreation",
                                 .properties = ObjectStageCreationProperties};
const Schema PathList{.type = Type::Object, .name = "PathList", .properties = PathListProperties};
const Schema Policy{.type = Type::Object, .name = "Policy", .properties = PolicyProperties};
const Schema PrepareGcUncommittedRequest{.type = Type::Object,
                                         .name = "PrepareGCUncommittedRequest",
                                         .properties = PrepareGcUncommittedRequestProperties};
const Schema PullRequestBasic{
    .type = Type::Object, .name = "PullRequestBasic", .properties = PullRequestBasicProperties};
const Schema PullRequestCreation{.type = Type::Object,
                                 .name = "PullRequestCreation",
                                 .properties = PullRequestCreationProperties};
const Schema RefsRestore{
    .type = Type::Object, .name = "RefsRestore", .properties = RefsRestoreProperties};
const Schema RepositoryCreation{
    .type = Type::Object, .name = "RepositoryCreation", .properties = RepositoryCreationProperties};
const Schema RepositoryMetadataKeys{.type = Type::Object,
                                    .name = "RepositoryMetadataKeys",
                                    .properties = RepositoryMetadataKeysProperties};
const Schema RepositoryMetadataSet{.type = Type::Object,
                                   .name = "RepositoryMetadataSet",
                                   .properties = RepositoryMetadataSetProperties};
const Schema ResetCreation{
    .type = Type::Object, .name = "ResetCreation", .properties = ResetCreationProperties};
const Schema RevertCreation{
    .type = Type::Object, .name = "RevertCreation", .properties = RevertCreationProperties};
const Schema Setup{.type = Type::Object, .name = "Setup", .properties = SetupProperties};
const Schema StagingMetadata{
    .type = Type::Object, .name = "StagingMetadata", .properties = StagingMetadataProperties};
const Schema StatsEventsList{
    .type = Type::Object, .name = "StatsEventsList", .properties = StatsEventsListProperties};
const Schema StsAuthRequest{
    .type = Type::Object, .name = "StsAuthRequest", .properties = StsAuthRequestProperties};
const Schema TagCreation{
    .type = Type::Object, .name = "TagCreation", .properties = TagCreationProperties};
const Schema UpdateObjectUserMetadata{.type = Type::Object,
                                      .name = "UpdateObjectUserMetadata",
                                      .properties = UpdateObjectUserMetadataProperties};
const Schema UploadPartCopyFrom{
    .type = Type::Object, .name = "UploadPartCopyFrom", .properties = UploadPartCopyFromProperties};
const Schema UploadPartFrom{
    .type = Type::Object, .name = "UploadPartFrom", .properties = UploadPartFromProperties};
const Schema UserCreation{
    .type = Type::Object, .name = "UserCreation", .properties = UserCreationProperties};
const Schema BranchProtectionPattern{.type = Type::Object,
                                     .name = "BranchProtectionPattern",
                                     .properties = BranchProtectionPatternProperties};
const Schema BranchProtectionRules{
    .type = Type::List, .name = "BranchProtectionRules", .items = &BranchProtectionRule};
}  // namespace schemas

}  // namespace varve::rest

// PolicyData of auth.h, the one message that nests deeply.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "format/auth.h"
#include "format/wire.h"
#include "format/wire_reader.h"

namespace varve::format {
namespace {

// StringList {1: repeated values}; ConditionOperator {1: map<string, StringList> fields}
using Values = std::vector<std::string>;
using Fields = std::map<std::string, Values>;

WireWriter write_values(const Values& values) {
  WireWriter out;
  out.strings(1, values);
  return out;
}

WireWriter write_fields(const Fields& fields) {
  WireWriter out;
  for (const auto& [name, values] : fields) {
    WireWriter entry;
    entry.string_present(1, name);
    entry.nested(2, write_values(values));
    out.nested(1, std::move(entry));
  }
  return out;
}

// StatementData {1: effect, 2: repeated action, 3: resource, 4: map<string, ConditionOperator>}
WireWriter write_statement(const StatementRecord& statement) {
  WireWriter out;
  out.string(1, statement.effect);
  out.strings(2, statement.actions);
  out.string(3, statement.resource);
  for (const auto& [name, fields] : statement.conditions) {
    WireWriter entry;
    entry.string_present(1, name);
    entry.nested(2, write_fields(fields));
    out.nested(4, std::move(entry));
  }
  return out;
}

// ACLData {1: permission, 2: bool all_repositories, 3: repeated repositories}
WireWriter write_acl(const AclRecord& acl) {
  WireWriter out;
  out.string(1, acl.permission);
  out.boolean(2, acl.all_repositories);
  out.strings(3, acl.repositories);
  return out;
}

// One entry {1: key, 2: value} of a map whose values `read_value` reads.
template <class Value, class ReadValue>
base::Result<std::pair<std::string, Value>> read_map_entry(std::string_view bytes,
                                                           ReadValue read_value) {
  std::pair<std::string, Value> entry;
  WireReader in(bytes, "map entry");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        entry.first = in.string();
        break;
      case 2:
        entry.second = in.take(read_value(in.view()));
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return entry;
}

base::Result<Values> read_values(std::string_view bytes) {
  Values values;
  WireReader in(bytes, "StringList");
  while (in.next()) {
    if (in.field() == 1) values.push_back(in.string());
  }
  VARVE_CHECK(in.finish());
  return values;
}

base::Result<Fields> read_fields(std::string_view bytes) {
  Fields fields;
  WireReader in(bytes, "ConditionOperator");
  while (in.next()) {
    if (in.field() != 1) continue;
    auto [name, values] = in.take(read_map_entry<Values>(in.view(), read_values));
    fields.insert_or_assign(std::move(name), std::move(values));
  }
  VARVE_CHECK(in.finish());
  return fields;
}

base::Result<StatementRecord> read_statement(std::string_view bytes) {
  StatementRecord statement;
  WireReader in(bytes, "StatementData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        statement.effect = in.string();
        break;
      case 2:
        statement.actions.push_back(in.string());
        break;
      case 3:
        statement.resource = in.string();
        break;
      case 4: {
        auto [name, fields] = in.take(read_map_entry<Fields>(in.view(), read_fields));
        statement.conditions.insert_or_assign(std::move(name), std::move(fields));
        break;
      }
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return statement;
}

base::Result<AclRecord> read_acl(std::string_view bytes) {
  AclRecord acl;
  WireReader in(bytes, "ACLData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        acl.permission = in.string();
        break;
      case 2:
        acl.all_repositories = in.boolean();
        break;
      case 3:
        acl.repositories.push_back(in.string());
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return acl;
}

}  // namespace

// PolicyData {1: Timestamp created_at, 2: display_name, 3: repeated StatementData statements,
//             4: ACLData acl}
base::Result<base::Bytes> encode_policy(const PolicyRecord& policy) {
  WireWriter out;
  out.timestamp(1, policy.created_at);
  out.string(2, policy.display_name);
  for (const StatementRecord& statement : policy.statements) {
    out.nested(3, write_statement(statement));
  }
  if (policy.acl.has_value()) out.nested(4, write_acl(*policy.acl));
  return std::move(out).finish();
}

base::Result<PolicyRecord> decode_policy(std::string_view bytes) {
  PolicyRecord policy;
  WireReader in(bytes, "PolicyData");
  while (in.next()) {
    switch (in.field()) {
      case 1:
        policy.created_at = in.timestamp();
        break;
      case 2:
        policy.display_name = in.string();
        break;
      case 3:
        policy.statements.push_back(in.take(read_statement(in.view())));
        break;
      case 4:
        policy.acl = in.take(read_acl(in.view()));
        break;
      default:
        break;
    }
  }
  VARVE_CHECK(in.finish());
  return policy;
}

}  // namespace varve::format

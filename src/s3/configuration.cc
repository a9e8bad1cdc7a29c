// Sub-resources that never change here: fixed answers that keep clients, Terraform and S3 browsers
// quiet (reference 3.4, 3.5, 3.17).

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "s3/call.h"
#include "s3/exchange.h"
#include "s3/router.h"
#include "s3/xml_writer.h"

namespace varve::s3 {
namespace {

void render_acl(XmlWriter& xml, std::string_view owner) {
  const auto identity = [&] {
    xml.element("ID", owner);
    xml.element("DisplayName", owner);
  };
  xml.open_root("AccessControlPolicy");
  xml.open("Owner");
  identity();
  xml.close("Owner");
  xml.open("AccessControlList");
  xml.open("Grant");
  xml.open_typed_grantee();
  identity();
  xml.close("Grantee");
  xml.element("Permission", "FULL_CONTROL");
  xml.close("Grant");
  xml.close("AccessControlList");
  xml.close("AccessControlPolicy");
}

void render_single(XmlWriter& xml, std::string_view root, std::string_view name,
                   std::string_view text) {
  xml.open_root(root);
  xml.element(name, text);
  xml.close(root);
}

void render_empty(XmlWriter& xml, std::string_view root) {
  xml.open_root(root);
  xml.close(root);
}

void render_tagging(XmlWriter& xml) {
  xml.open_root("Tagging");
  xml.empty("TagSet");
  xml.close("Tagging");
}

void render_ownership(XmlWriter& xml) {
  xml.open_root("OwnershipControls");
  xml.open("Rule");
  xml.element("ObjectOwnership", "BucketOwnerEnforced");
  xml.close("Rule");
  xml.close("OwnershipControls");
}

// The region, unless it is the one that S3 leaves out.
void render_location(XmlWriter& xml, std::string_view region) {
  xml.open_root("LocationConstraint");
  if (region != "us-east-1") xml.text(region);
  xml.close("LocationConstraint");
}

base::Bytes document(Configuration what, std::string_view owner, std::string_view region) {
  XmlWriter xml;
  switch (what) {
    case Configuration::Accelerate:
      render_empty(xml, "AccelerateConfiguration");
      break;
    case Configuration::Acl:
      render_acl(xml, owner);
      break;
    case Configuration::Location:
      render_location(xml, region);
      break;
    case Configuration::Logging:
      render_empty(xml, "BucketLoggingStatus");
      break;
    case Configuration::Notification:
      render_empty(xml, "NotificationConfiguration");
      break;
    case Configuration::OwnershipControls:
      render_ownership(xml);
      break;
    case Configuration::RequestPayment:
      render_single(xml, "RequestPaymentConfiguration", "Payer", "BucketOwner");
      break;
    case Configuration::Tagging:
      render_tagging(xml);
      break;
    case Configuration::Versioning:
      render_empty(xml, "VersioningConfiguration");
      break;
    case Configuration::None:
    case Configuration::Missing:
      break;
  }
  return xml.take();
}

}  // namespace

Reply Exchange::bucket_configuration() {
  if (route_.refusal) co_return *route_.refusal;
  co_return xml_response(document(route_.configuration, user_->name, with_.options.region));
}

// The same about an object, which must exist. Versioning is asked of keys by mistake only, and is
// answered as lakeFS does, whatever the key.
Reply Exchange::object_configuration() {
  if (route_.configuration != Configuration::Versioning) {
    VARVE_CO_CHECK(check_version());
    VARVE_CO_CHECK(co_await find_entry());
  }
  if (route_.refusal) co_return *route_.refusal;
  co_return xml_response(document(route_.configuration, user_->name, with_.options.region));
}

}  // namespace varve::s3

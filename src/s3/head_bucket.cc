// HeadBucket: HEAD /bucket (reference 3.2).

#include "http/message.h"
#include "s3/call.h"
#include "s3/exchange.h"

namespace varve::s3 {

Reply Exchange::head_bucket() {
  http::Response response(200);
  response.headers.add("x-amz-bucket-region", with_.options.region);
  co_return response;
}

}  // namespace varve::s3

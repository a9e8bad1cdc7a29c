// Arguments: the parameters of one request, decoded and checked against the table. Handlers read
// them by name; asking for one the operation does not declare is a bug.
//
// Path segments are percent-decoded once, `+` is itself. Belongs to one request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"
#include "rest/operation.h"
#include "rest/router.h"

namespace varve::rest {

class Arguments {
 public:
  //   InvalidArgument  `parameter "amount" in query has an error: ...`
  static base::Result<Arguments> parse(const Route& route, const http::Request& request);

  bool has(std::string_view name) const;  // present in the request, if only as `name=`
  const std::string& text(std::string_view name) const;  // "" or the default if absent
  std::int64_t number(std::string_view name) const;
  bool flag(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const;
  std::optional<base::Timestamp> instant(std::string_view name) const;

 private:
  struct Argument {
    std::string_view name;
    bool is_present = false;
    std::string text;
    std::int64_t number = 0;  // of Integer; of Boolean 0 or 1
    std::vector<std::string> list;
    std::optional<base::Timestamp> instant;
  };

  base::Result<void> add(const Parameter& parameter, std::vector<std::string> values);
  const Argument& get(std::string_view name) const;

  std::vector<Argument> arguments_;
};

}  // namespace varve::rest

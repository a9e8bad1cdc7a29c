// Finding the object an address, or a copy's source, names.

#include <utility>

#include "base/task.h"
#include "model/ids.h"
#include "model/records.h"
#include "model/ref_expr.h"
#include "s3/errors.h"
#include "s3/exchange.h"

namespace varve::s3 {

base::Task<Outcome<model::Entry>> Exchange::find_entry() {
  co_return co_await find_entry_in(repository_, address_.ref, address_.path, Asked::Read);
}

// A text that cannot be a ref, or a path that is too long, names nothing that exists.
base::Task<Outcome<model::Entry>> Exchange::find_entry_in(engine::RepositoryRef repository,
                                                          std::string ref, std::string path,
                                                          Asked asked) {
  auto expression = model::parse_ref_expr(ref);
  if (!expression) co_return Error(Code::NoSuchKey);
  auto object = model::parse_object_path(path);
  if (!object) co_return Error(Code::NoSuchKey);
  co_return from_engine(
      asked, co_await with_.engine.objects().get(context_, std::move(repository),
                                                 *std::move(expression), *std::move(object)));
}

}  // namespace varve::s3

// Result<T>: a value, or the Error that kept us from having one.
//
// Anything the world can cause is a Result; anything only we can cause is an assertion
// (base/assert.h). Fifteen codes, no more: a new one needs a caller that would act on it. `detail`
// narrows a code to one condition of the domain (model/errors.h names them); front ends translate
// code and detail to a status, nobody parses a message.
//
//   VARVE_TRY(Commit commit, decode_commit(bytes));         in a function that returns Result
//   VARVE_CO_TRY(Bytes bytes, co_await store.get(key));     in a coroutine
//   VARVE_CHECK(f()); VARVE_CO_CHECK(co_await g());         the same, when there is no value
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace varve::base {

enum class Code : std::uint8_t {
  InvalidArgument,
  NotFound,
  AlreadyExists,
  Conflict,
  PreconditionFailed,
  Unauthenticated,
  PermissionDenied,
  ResourceExhausted,
  Unsupported,
  DeadlineExceeded,
  Cancelled,
  Unavailable,
  OutcomeUnknown,
  Corruption,
  Internal,
};

std::string_view to_string(Code code);

// Never carries a secret: an Error may be logged and shown.  [I-14]
class [[nodiscard]] Error {
 public:
  Error(Code code, std::string message) : code_(code), message_(std::move(message)) {}
  Error(Code code, std::uint16_t detail, std::string message)
      : code_(code), detail_(detail), message_(std::move(message)) {}

  Code code() const { return code_; }
  std::uint16_t detail() const { return detail_; }  // 0: nothing more specific than the code
  const std::string& message() const { return message_; }

  // Puts context in front: Error("not found").with("branch main") reads "branch main: not found".
  Error with(std::string_view context) &&;

 private:
  Code code_;
  std::uint16_t detail_ = 0;
  std::string message_;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  using Base = tl::expected<T, Error>;

 public:
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}
  Result(Base other) : Base(std::move(other)) {}
};

template <>
class [[nodiscard]] Result<void> : public tl::expected<void, Error> {
  using Base = tl::expected<void, Error>;

 public:
  using Base::Base;
  Result(Error error) : Base(tl::unexpect, std::move(error)) {}
  Result(Base other) : Base(std::move(other)) {}
};

}  // namespace varve::base

#define VARVE_CONCAT_(a, b) a##b
#define VARVE_CONCAT(a, b) VARVE_CONCAT_(a, b)

#define VARVE_TRY_(keyword, tmp, declaration, ...)        \
  auto tmp = (__VA_ARGS__);                               \
  if (!tmp.has_value()) keyword ::std::move(tmp).error(); \
  declaration = *::std::move(tmp)
#define VARVE_TRY(declaration, ...) \
  VARVE_TRY_(return, VARVE_CONCAT(varve_try_, __COUNTER__), declaration, __VA_ARGS__)
#define VARVE_CO_TRY(declaration, ...) \
  VARVE_TRY_(co_return, VARVE_CONCAT(varve_try_, __COUNTER__), declaration, __VA_ARGS__)

#define VARVE_CHECK_(keyword, tmp, ...) \
  if (auto tmp = (__VA_ARGS__); !tmp.has_value()) keyword ::std::move(tmp).error()
#define VARVE_CHECK(...) VARVE_CHECK_(return, VARVE_CONCAT(varve_check_, __COUNTER__), __VA_ARGS__)
#define VARVE_CO_CHECK(...) \
  VARVE_CHECK_(co_return, VARVE_CONCAT(varve_check_, __COUNTER__), __VA_ARGS__)

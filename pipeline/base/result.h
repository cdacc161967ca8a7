// A failure is a value. Result<T> holds either a T or an Error; nothing in Penstock throws.
// Errors are for configuration and environment; bad data is tagged on the event instead.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pipeline/base/check.h"

namespace penstock {

// A place in a configuration text. Lines and columns count from 1 (columns in characters);
// line 0 means "no place".
struct Where {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;

  bool known() const { return line != 0; }
  std::string text() const;  // "file:line:column", or "" when unknown
};

enum class Errc : uint8_t { bad_config, bad_data, io, refused, timeout, overload, not_found };

struct Error {
  Errc code = Errc::bad_config;
  std::string message;
  Where where = {};

  std::string text() const;  // "file:line:column: message"
};

// All that is wrong with something, in the order found. Configuration checks collect here so
// that a user sees every error at once.
using Errors = std::vector<Error>;

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(*explicit*)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(*explicit*)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    CHECK(ok(), "value() of a failed Result");
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    CHECK(ok(), "value() of a failed Result");
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    CHECK(ok(), "value() of a failed Result");
    return std::move(*std::get_if<0>(&state_));
  }
  const Error& error() const {
    CHECK(!ok(), "error() of a good Result");
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<std::monostate>;
inline Status ok_status() { return std::monostate{}; }

inline Error io_error(std::string message) { return {Errc::io, std::move(message), {}}; }

// strerror_r as a string: "No space left on device".
std::string errno_text(int number);

}  // namespace penstock

// TRY(auto x, f()): x = f().value(), or return f().error() from this function.
#define PENSTOCK_CONCAT_(a, b) a##b
#define PENSTOCK_CONCAT(a, b) PENSTOCK_CONCAT_(a, b)
#define TRY(declaration, expression) \
  TRY_IMPL_(declaration, expression, PENSTOCK_CONCAT(try_result_, __LINE__))
#define TRY_IMPL_(declaration, expression, name) \
  auto name = (expression);                      \
  if (!name.ok()) return name.error();           \
  declaration = std::move(name).value()
#define TRY_STATUS(expression)                                                       \
  do {                                                                               \
    if (auto try_status = (expression); !try_status.ok()) return try_status.error(); \
  } while (false)

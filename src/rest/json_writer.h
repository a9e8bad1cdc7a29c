// JsonWriter: writes one JSON value into a buffer, as it goes, without a document in between.
//
//   JsonWriter json(out);
//   json.begin_object();
//   json.field("id", branch.id.view());
//   json.end_object();
//
// Text is escaped as lakeFS escapes it: `<`, `>`, `&`, U+2028 and U+2029 too, so that an answer is
// safe inside HTML; bytes that are not UTF-8 become U+FFFD (rest-semantics.md 3).
//
// Belongs to one function. Nesting is the caller's to keep.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "model/records.h"

namespace varve::rest {

class JsonWriter {
 public:
  explicit JsonWriter(base::Bytes& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_list() { open('['); }
  void end_list() { close(']'); }

  void key(std::string_view name);  // one of ours: written as it is
  void text(std::string_view value);
  void number(std::int64_t value);
  void boolean(bool value);
  void null();
  // A string map; `{}` if there is nothing in it.
  void map(const model::Metadata& values);

  void field(std::string_view name, std::string_view value) { key(name), text(value); }
  void field(std::string_view name, const char* value) { key(name), text(value); }
  void field(std::string_view name, std::int64_t value) { key(name), number(value); }
  void field(std::string_view name, int value) { key(name), number(value); }
  void field(std::string_view name, bool value) { key(name), boolean(value); }
  void field(std::string_view name, const model::Metadata& values) { key(name), map(values); }

 private:
  void separate() {
    if (wants_comma_) out_.push_back(',');
    wants_comma_ = true;
  }
  void open(char c) {
    separate();
    out_.push_back(c);
    wants_comma_ = false;
  }
  void close(char c) {
    out_.push_back(c);
    wants_comma_ = true;
  }

  base::Bytes& out_;
  bool wants_comma_ = false;  // a value was written at this level, and no key after it
};

// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string with_valid_utf8(std::string_view text);

}  // namespace varve::rest

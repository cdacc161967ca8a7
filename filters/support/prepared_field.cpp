#include "filters/support/prepared_field.h"

#include "filters/support/set_field.h"

namespace penstock {

PreparedField::PreparedField(std::string text) : text_(std::move(text)), name_(text_) {
  if (auto field = FieldRef::parse(text_); field.ok()) field_ = std::move(field).value();
  plain_ = text_.find_first_of("[]") == text_.npos && text_ != "@timestamp" &&
           text_ != "@metadata" && text_ != "tags";
}

bool PreparedField::set_slowly(Event& event, const Value& value) const {
  return field_ && set_field(event, *field_, value);
}

}  // namespace penstock

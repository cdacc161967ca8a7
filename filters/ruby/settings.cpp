#include "filters/ruby/settings.h"

namespace penstock::ruby {

Source source_of(const Settings& settings, std::string_view option) {
  const ConfigValue* const value = settings.value(option);
  Where where = value && value->where.known() ? value->where : settings.where(option);
  ++where.column;  // behind the quote
  return {settings.string(option), std::move(where)};
}

Options options_of(const Settings& settings, const Context& context) {
  Options out;
  out.clock = context.clock;
  out.plugin = context.plugin_name;
  out.time_limit_ms = static_cast<uint32_t>(settings.milliseconds("time_limit"));
  out.memory_bytes_max = static_cast<size_t>(settings.bytes("memory_limit"));
  return out;
}

Error placed(const Error& error, const Settings& settings, std::string_view option) {
  return error.where.known() ? error : settings.error(option, error.message);
}

}  // namespace penstock::ruby

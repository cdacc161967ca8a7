// Fields and what counts as a name: logstash-filter-tld (tld.rb) and publicsuffix-ruby.
#include "filters/tld.h"

#include <fmt/format.h>

#include <filesystem>

#include "filters/tld/suffix_list.h"
#include "pipeline/base/text.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"source", OptionType::field, "message", "The field with a host name."},
    {"target", OptionType::field, "tld", "The field that takes the parts."},
};

// Longer texts are no host names.
constexpr size_t kNameBytesMax = 1024;

class Tld : public Filter {
 public:
  Tld(const Settings& settings, std::shared_ptr<const tld::SuffixList> list)
      : source_(settings.field("source")),
        target_(settings.field("target")),
        list_(std::move(list)) {}

  void apply(Batch& batch, Rows rows, std::vector<Row>& matched) override {
    for (const Row row : rows)
      if (take_apart(batch[row])) matched.push_back(row);
  }

 private:
  bool take_apart(Event& event) const {
    const Value* source = static_cast<const Event&>(event).find(source_);
    if (!source || !source->is_string() || source->size > kNameBytesMax) return false;
    std::string_view name = trim(source->view());
    if (name.ends_with('.')) name.remove_suffix(1);
    if (name.empty() || name.starts_with('.') || name.find("://") != name.npos ||
        name.find("..") != name.npos || name.find('\n') != name.npos)
      return false;
    name = event.arena().copy(to_lower_ascii(name));
    const auto suffix = list_->suffix_of(name);
    return suffix && event.set(target_, parts(event, name, *suffix));
  }

  // trd.sld.tld: what isn't there is null.
  static Value parts(const Event& event, std::string_view name, std::string_view suffix) {
    const auto text = [](std::string_view part) { return Value::string(part); };
    const std::string_view left = name.substr(0, name.size() - suffix.size() - 1);
    const size_t dot = left.rfind('.');
    const std::string_view second = dot == left.npos ? left : left.substr(dot + 1);
    const bool deeper = dot != left.npos;
    Value out = Value::object();
    const auto set = [&](std::string_view key, const Value& value) {
      object_set(event.arena(), out, Name(key), value);
    };
    set("tld", text(suffix));
    set("sld", second.empty() ? Value::null() : text(second));
    set("trd", deeper ? text(left.substr(0, dot)) : Value::null());
    const std::string_view domain = name.substr(name.size() - suffix.size() - 1 - second.size());
    set("domain", second.empty() ? Value::null() : text(domain));
    set("subdomain", deeper ? text(name) : Value::null());
    set("top_level_domain", text(suffix));
    return out;
  }

  FieldRef source_, target_;
  std::shared_ptr<const tld::SuffixList> list_;
};

Result<std::unique_ptr<Filter>> make_tld(const Settings& settings, const Context& context) {
  const std::string places[] = {context.path_data + "/tld/public_suffix_list.dat",
                                "/usr/share/publicsuffix/public_suffix_list.dat"};
  std::error_code error;
  for (const std::string& path : places) {
    if (!std::filesystem::exists(path, error)) continue;
    auto list = context.resources->get<tld::SuffixList>(
        "tld/" + path, [&] { return tld::SuffixList::load(path); });
    if (!list.ok()) return settings.error("source", list.error().message);
    return std::unique_ptr<Filter>(std::make_unique<Tld>(settings, std::move(list).value()));
  }
  return Error{Errc::bad_config,
               fmt::format("tld needs the Public Suffix List: there is no {} or {} (Debian's "
                           "package publicsuffix has it)",
                           places[0], places[1]),
               settings.where()};
}

}  // namespace

FilterPlugin tld_filter() {
  return {{"tld", "Takes a host name apart by the Public Suffix List.", kOptions,
           "Letters beyond ASCII keep their case; names with an empty label are none."},
          make_tld};
}

}  // namespace penstock

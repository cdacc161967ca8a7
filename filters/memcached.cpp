// A lookup in a server over the network would hold a worker up for every batch, and values that
// Logstash stores are Ruby's Marshal format unless they are texts. So the name is known, for a
// clear answer, and nothing more.
#include "filters/memcached.h"

namespace penstock {
namespace {

constexpr Option kOptions[] = {
    {"hosts", OptionType::strings, "[\"localhost\"]", "Servers."},
    {"namespace", OptionType::string, "", "What keys begin with."},
    {"get", OptionType::hash, "{}", "Key => field that takes its value."},
    {"set", OptionType::hash, "{}", "Field => key under which it is stored."},
    {"ttl", OptionType::number, "0", "Seconds that values are stored."},
    {"tag_on_failure", OptionType::string, "_memcached_failure", "The tag for events that failed."},
};

}  // namespace

FilterPlugin memcached_filter() {
  return {{"memcached", "Not supported: use translate or aggregate instead.", kOptions},
          [](const Settings& settings, const Context&) -> Result<std::unique_ptr<Filter>> {
            return Error{Errc::refused,
                         "memcached isn't supported. To look values up, let `translate` read them "
                         "from a file that your job rewrites (dictionary_path, refresh_interval); "
                         "to carry values from one event to another, use `aggregate`",
                         settings.where()};
          }};
}

}  // namespace penstock

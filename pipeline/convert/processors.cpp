#include <algorithm>

#include "pipeline/convert/converter.h"

namespace penstock {
namespace {

// Why a processor isn't there, where there is something to say.
struct Refused {
  std::string_view name, text;
};
constexpr Refused kRefused[] = {
    {"add_cloud_metadata",
     "let an agent write it into a file that `translate` reads, or set fixed "
     "fields with `mutate`"},
    {"add_docker_metadata", "`dissect` the path of the container's log file"},
    {"add_kubernetes_metadata",
     "`dissect` /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log for "
     "pod, namespace and container"},
    {"add_process_metadata", "there is none"},
    {"add_observer_metadata", "set fixed fields with `mutate`"},
    {"add_locale", "set [event][timezone] with `mutate`"},
    {"add_nomad_metadata", "there is none"},
    {"script", "use `ruby`"},
    {"translate_sid", "use `translate` with a list"},
    {"community_id", "use `ruby`"},
    {"add_network_direction", "use `cidr`"},
    {"cache", "use `translate` with a file"},
    {"translate_ldap_attribute", "use `translate` with a file"},
    {"parse_aws_vpc_flow_log", "use `dissect`"},
    {"decompress_gzip_field", "there is none"},
    {"detect_mime_type", "there is none"},
    {"decode_duration", "use `ruby`"},
    {"decode_xml_wineventlog", "use `xml`"},
    {"add_formatted_index", "use an output's `index`"},
};

// The processors' names that only make sure that something is there already.
bool is_no_more_than_is_there(const std::string& name) { return name == "add_host_metadata"; }

std::vector<std::string> references(const std::vector<std::string>& dotted) {
  std::vector<std::string> out;
  for (const std::string& name : dotted) out.push_back(reference(name));
  return out;
}

// [{from: a, to: b}, ...]
Pairs from_to(const YAML::Node& list) {
  Pairs out;
  if (list.IsDefined() && list.IsSequence())
    for (const YAML::Node& item : list)
      out.emplace_back(reference(text_at(item, "from")), reference(text_at(item, "to")));
  return out;
}

struct Typed {
  std::string field, value, type;  // type "" = text
};

// A map of fields, as fields of `prefix`.
void flatten_fields(const YAML::Node& node, const std::string& prefix, std::vector<Typed>& out,
                    std::vector<std::string>& lists, uint32_t depth) {
  if (depth > kConvertDepthMax) return;
  for (const auto& entry : node) {
    const std::string name = prefix + reference(entry.first.as<std::string>(""));
    const YAML::Node& value = entry.second;
    if (value.IsMap()) {
      flatten_fields(value, name, out, lists, depth + 1);
    } else if (!value.IsScalar()) {
      lists.push_back(name);
    } else {
      const std::string& text = value.Scalar();
      const bool plain = value.Tag() != "!" && !text.empty();
      const bool digits = text.find_first_not_of("0123456789") == std::string::npos;
      const bool truth = text == "true" || text == "false";
      out.push_back({name, text, plain && digits ? "integer" : plain && truth ? "boolean" : ""});
    }
  }
}

}  // namespace

void Converter::set_fields(const std::string& target, const YAML::Node& fields) {
  if (!fields.IsMap()) return;
  std::vector<Typed> flat;
  std::vector<std::string> lists;
  flatten_fields(fields, target.empty() ? "" : reference(target), flat, lists, 0);
  for (const std::string& name : lists)
    unsupported(fields, name, "lists as fields aren't carried over");
  Pairs values, types;
  for (const Typed& field : flat) {
    values.emplace_back(field.field, format_string(field.value));
    if (!field.type.empty()) types.emplace_back(field.field, field.type);
  }
  if (values.empty()) return;
  filters.open("mutate");
  filters.hash("replace", values);
  filters.hash("convert", types);
  filters.close();
}

void Converter::processors(const YAML::Node& list, uint32_t depth) {
  if (!list.IsDefined() || depth > kConvertDepthMax) return;
  if (list.IsMap()) return processor(list, depth);
  if (list.IsSequence())
    for (const YAML::Node& item : list)
      if (item.IsMap()) processor(item, depth);
}

// `- NAME: {..., when: ...}`, or `- if: ... then: ... else: ...`.
void Converter::processor(const YAML::Node& item, uint32_t depth) {
  if (get(item, "if").IsDefined()) return if_then_else(item, depth);
  for (const auto& entry : item) {
    const std::string name = entry.first.as<std::string>("");
    const YAML::Node& options = entry.second;
    const YAML::Node when = when_of(options);
    if (!when.IsDefined()) {
      if (!known_processor(name, options))
        unsupported(entry.first, "processors." + name, "it isn't there");
      continue;
    }
    const auto wanted = condition(when);
    if (!wanted) {
      unsupported(when, "processors." + name, "its condition can't be said, so it is left out");
      continue;
    }
    const size_t before = filters.size();
    filters.open("if " + *wanted);
    const size_t opened = filters.size();
    if (!known_processor(name, options))
      unsupported(entry.first, "processors." + name, "it isn't there");
    const bool empty = filters.size() == opened;
    filters.close();
    if (empty) filters.truncate(before);
  }
}

void Converter::if_then_else(const YAML::Node& item, uint32_t depth) {
  const auto wanted = condition(get(item, "if"));
  if (!wanted)
    return unsupported(item, "processors.if", "its condition can't be said, so it is left out");
  filters.open("if " + *wanted);
  processors(get(item, "then"), depth + 1);
  if (get(item, "else").IsDefined()) {
    filters.open("} else");
    processors(get(item, "else"), depth + 1);
  }
  filters.close();
}

// False when nobody knows the name.
bool Converter::known_processor(const std::string& name, const YAML::Node& options) {
  for (const Refused& refused : kRefused)
    if (refused.name == name) {
      unsupported(options, "processors." + name, std::string(refused.text));
      return true;
    }
  if (is_no_more_than_is_there(name)) {
    differs(options, "processors." + name, "only [host][name] is there, and not its addresses");
    return true;
  }
  if (name == "drop_event") {
    if (!when_of(options).IsDefined())
      unsupported(options, "processors.drop_event", "without `when` it does nothing");
    else
      filters.line("drop { }");
    return true;
  }
  if (field_processor(name, options)) return true;
  const size_t before = filters.size();
  const size_t notes_before = notes.size();
  parse_processor(name, options);
  return filters.size() != before || notes.size() != notes_before;
}

// Processors that are a mutate.
bool Converter::field_processor(const std::string& name, const YAML::Node& options) {
  if (name == "add_fields") {
    set_fields(text_at(options, "target", "fields"), get(options, "fields"));
    return true;
  }
  if (name == "add_labels") {
    set_fields("labels", get(options, "labels"));
    return true;
  }
  const size_t before = filters.size();
  filters.open("mutate");
  const size_t opened = filters.size();
  if (name == "add_tags") {
    const std::string target = text_at(options, "target", "tags");
    if (target == "tags") {
      filters.list("add_tag", texts_of(get(options, "tags")));
    } else {
      std::string all;
      for (const std::string& tag : texts_of(get(options, "tags")))
        all += (all.empty() ? "" : ", ") + quoted(tag);
      filters.line("add_field => { " + quoted(reference(target)) + " => [" + all + "] }");
    }
  } else if (name == "drop_fields") {
    std::vector<std::string> fields;
    for (const std::string& field : texts_of(get(options, "fields"))) {
      if (field.size() > 1 && field.starts_with('/') && field.ends_with('/'))
        unsupported(options, "processors.drop_fields", "`" + field + "`: use `prune`");
      else
        fields.push_back(reference(field));
    }
    if (!fields.empty()) filters.list("remove_field", fields);
  } else if (name == "rename" || name == "move_fields") {
    filters.hash("rename", from_to(get(options, "fields")));
  } else if (name == "copy_fields") {
    filters.hash("copy", from_to(get(options, "fields")));
  } else if (name == "lowercase" || name == "uppercase") {
    filters.list(name, references(texts_of(get(options, "fields"))));
  } else if (name == "replace") {
    std::vector<std::string> threes;
    for (const YAML::Node& item : get(options, "fields"))
      threes.insert(threes.end(), {reference(text_at(item, "field")), text_at(item, "pattern"),
                                   text_at(item, "replacement")});
    filters.list("gsub", threes);
  } else if (name == "append") {
    std::string all;
    for (const std::string& value : texts_of(get(options, "values")))
      all += (all.empty() ? "" : ", ") + quoted(value);
    filters.line("add_field => { " + quoted(reference(text_at(options, "target_field"))) + " => [" +
                 all + "] }");
  }
  const bool empty = filters.size() == opened;
  filters.close();
  if (empty) filters.truncate(before);
  return !empty || name == "drop_fields" || name == "rename" || name == "copy_fields";
}

void Converter::parse_processor(const std::string& name, const YAML::Node& options) {
  const auto source = [&](const char* key) { return reference(text_at(options, key, "message")); };
  if (name == "decode_json_fields") {
    const YAML::Node target = get(options, "target");
    for (const std::string& field : texts_of(get(options, "fields"))) {
      filters.open("json");
      filters.option("source", reference(field));
      if (!target.IsDefined())
        filters.option("target", reference(field));
      else if (target.IsScalar() && !target.Scalar().empty())
        filters.option("target", reference(target.Scalar()));
      filters.close();
    }
    if (!flag_at(options, "overwrite_keys", false) && target.IsDefined())
      differs(options, "processors.decode_json_fields", "members replace fields of their name");
  } else if (name == "decode_csv_fields") {
    for (const auto& field : get(options, "fields")) {
      filters.open("csv");
      filters.option("source", reference(field.first.as<std::string>("")));
      filters.option("target", reference(field.second.as<std::string>("")));
      if (const std::string separator = text_at(options, "separator"); !separator.empty())
        filters.option("separator", separator);
      filters.close();
    }
    differs(options, "processors.decode_csv_fields",
            "columns get names (column1 ...), not an array");
  } else if (name == "decode_xml") {
    filters.open("xml");
    filters.option("source", source("field"));
    filters.option("target", reference(text_at(options, "target_field", "xml")));
    filters.bare("force_array", "false");
    filters.close();
  } else if (name == "decode_base64_field") {
    const std::string from = reference(text_at(options, "field.from", "message"));
    filters.open("ruby");
    filters.option("code", "event.set('" + reference(text_at(options, "field.to", "decoded")) +
                               "', Base64.decode64(event.get('" + from + "')))");
    filters.close();
  } else if (name == "dissect") {
    dissect(options);
  } else if (name == "timestamp") {
    timestamp(options);
  } else if (name == "convert") {
    convert(options);
  } else if (name == "truncate_fields") {
    filters.open("truncate");
    filters.list("fields", references(texts_of(get(options, "fields"))));
    std::string length = text_at(options, "max_bytes");
    if (length.empty()) {
      length = text_at(options, "max_characters", "1000");
      differs(options, "processors.truncate_fields", "bytes are counted, not characters");
    }
    filters.bare("length_bytes", length);
    filters.close();
  } else if (name == "urldecode") {
    for (const auto& [from, to] : from_to(get(options, "fields"))) {
      if (from != to && to != "[]") {
        filters.open("mutate");
        filters.hash("copy", {{from, to}});
        filters.close();
      }
      filters.open("urldecode");
      filters.option("field", to == "[]" ? from : to);
      filters.close();
    }
  } else if (name == "fingerprint") {
    std::string method = text_at(options, "method", "sha256");
    std::transform(method.begin(), method.end(), method.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (method == "XXHASH") method = "MURMUR3_128";
    filters.open("fingerprint");
    filters.list("source", references(texts_of(get(options, "fields"))));
    filters.option("target", reference(text_at(options, "target_field", "fingerprint")));
    filters.option("method", method);
    filters.bare("concatenate_sources", "true");
    filters.close();
    differs(options, "processors.fingerprint", "the hash is another one for the same fields");
  } else if (name == "registered_domain") {
    filters.open("tld");
    filters.option("source", source("field"));
    filters.option("target", reference(text_at(options, "target_field", "tld")));
    filters.close();
    differs(options, "processors.registered_domain", "the parts are members of the target");
  } else if (name == "add_id") {
    filters.open("uuid");
    filters.option("target", reference(text_at(options, "target_field", "@metadata._id")));
    filters.close();
  } else if (name == "rate_limit") {
    unsupported(options, "processors.rate_limit", "use `throttle` and `drop`");
  } else if (name == "dns") {
    unsupported(options, "processors.dns", "use the filter `dns`");
  } else if (name == "syslog") {
    unsupported(options, "processors.syslog", "use grok with SYSLOGLINE, syslog_pri and date");
  } else if (name == "include_fields" || name == "extract_array") {
    unsupported(options, "processors." + name, "use `prune` or `ruby`");
  }
}

// Keys get the prefix; modifiers (+, ?, &, ->, |type) stay what they are.
void Converter::dissect(const YAML::Node& options) {
  const std::string prefix = text_at(options, "target_prefix", "dissect");
  const std::string tokenizer = text_at(options, "tokenizer");
  std::string mapping;
  Pairs types;
  for (size_t at = 0; at < tokenizer.size();) {
    const size_t start = tokenizer.find("%{", at);
    const size_t end = start == std::string::npos ? start : tokenizer.find('}', start);
    mapping += tokenizer.substr(at, end == std::string::npos ? end : start - at);
    if (end == std::string::npos) break;
    std::string key = tokenizer.substr(start + 2, end - start - 2);
    at = end + 1;
    std::string head, tail;
    if (!key.empty() && std::string_view("+?&*").find(key[0]) != std::string_view::npos) {
      head = key.substr(0, 1);
      key.erase(0, 1);
    }
    if (const size_t cut = std::min(key.find("->"), key.find('/')); cut != std::string::npos) {
      tail = key.substr(cut);
      key.resize(cut);
    }
    if (const size_t bar = key.find('|'); bar != std::string::npos) {
      const std::string type = key.substr(bar + 1);
      key.resize(bar);
      const bool real = type == "float" || type == "double";
      const bool whole = type == "integer" || type == "long";
      if (real || whole)
        types.emplace_back(reference(prefix.empty() ? key : prefix + "." + key),
                           real ? "float" : "int");
      else
        unsupported(options, "processors.dissect", "the type `" + type + "` isn't there");
    }
    const bool stored = !key.empty() && head != "?";
    if (head == "*") {
      unsupported(options, "processors.dissect", "`%{*name}` isn't there: write `%{?name}`");
      head = "?";
    }
    const bool bare = prefix.empty() && key.find('.') == std::string::npos;
    mapping += "%{" + head +
               (stored && !bare ? reference(prefix.empty() ? key : prefix + "." + key) : key) +
               tail + "}";
  }
  filters.open("dissect");
  filters.hash("mapping", {{reference(text_at(options, "field", "message")), mapping}});
  filters.hash("convert_datatype", types);
  filters.close();
}

void Converter::timestamp(const YAML::Node& options) {
  std::vector<std::string> match = {reference(text_at(options, "field", "message"))};
  for (const std::string& layout : texts_of(get(options, "layouts"))) {
    const std::string pattern = joda_of_go(layout);
    if (pattern.empty())
      unsupported(options, "processors.timestamp", "the layout `" + layout + "` can't be said");
    else
      match.push_back(pattern);
  }
  if (match.size() < 2) return unsupported(options, "processors.timestamp", "it has no layouts");
  filters.open("date");
  filters.list("match", match);
  if (const std::string target = text_at(options, "target_field"); !target.empty())
    filters.option("target", target == "@timestamp" ? target : reference(target));
  filters.option("timezone", text_at(options, "timezone", "UTC"));
  filters.close();
}

void Converter::convert(const YAML::Node& options) {
  Pairs copies, types;
  for (const YAML::Node& item : get(options, "fields")) {
    const std::string from = reference(text_at(item, "from"));
    const std::string to = text_at(item, "to").empty() ? from : reference(text_at(item, "to"));
    std::string type = text_at(item, "type");
    if (type == "long") type = "integer";
    if (type == "double") type = "float";
    if (to != from) copies.emplace_back(from, to);
    if (type == "ip") continue;
    if (!type.empty()) types.emplace_back(to, type);
  }
  const bool renames = text_at(options, "mode", "copy") == "rename";
  for (const auto* pairs : {&copies, &types}) {
    if (pairs->empty()) continue;
    filters.open("mutate");
    filters.hash(pairs == &types ? "convert" : renames ? "rename" : "copy", *pairs);
    filters.close();
  }
  if (copies.empty() && types.empty())
    differs(options, "processors.convert", "there is nothing to convert");
}

}  // namespace penstock

#include "pipeline/queue/dlq_command.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "pipeline/base/text.h"
#include "pipeline/event/json_writer.h"
#include "pipeline/queue/dead_letter_queue.h"
#include "pipeline/queue/letter_choice.h"

namespace penstock {
namespace {

constexpr const char* kUsage =
    "penstock dlq list    how many dead letters there are, by reason\n"
    "penstock dlq show    the letters themselves, one JSON document a line\n"
    "penstock dlq replay -f CONF   sends their events through the filters and outputs of CONF\n"
    "\n"
    "  --path.data DIR      where the queues lie (data)\n"
    "  --pipeline ID        whose letters (main)\n"
    "  --reason TEXT        only letters whose reason holds TEXT\n"
    "  --status N           only letters with this status\n"
    "  --group-by WHAT      list: reason, index, status or plugin (reason)\n"
    "  --limit N            show, replay --dry-run: at most N letters\n"
    "  --drop-field FIELD   replay: removes the field first; may be given several times\n"
    "  --set FIELD=VALUE    replay: sets the field first; VALUE is JSON or a text; several times\n"
    "  --to INDEX           replay: the index to write to, instead of the one in CONF\n"
    "  --remove             replay: deletes the letters that were stored, when all were\n"
    "  --dry-run            replay: prints the events as they would go\n";

struct DlqArguments {
  std::string verb, path_data = "data", pipeline = "main", group_by = "reason", config, index;
  LetterChoice choice;
  std::vector<std::string> drop, set;
  uint64_t limit = 0;  // 0: none
  bool remove = false, dry_run = false;
};

int bad_usage(const std::string& message) {
  std::fprintf(stderr, "dlq: %s\n\n%s", message.c_str(), kUsage);
  return 2;
}

// "" when all is well.
std::string parse(const std::vector<std::string>& given, DlqArguments& out) {
  std::string status, limit;
  std::map<std::string, std::string*> texts = {{"--path.data", &out.path_data},
                                               {"--pipeline", &out.pipeline},
                                               {"--group-by", &out.group_by},
                                               {"--reason", &out.choice.reason},
                                               {"--status", &status},
                                               {"--limit", &limit},
                                               {"-f", &out.config},
                                               {"--path.config", &out.config},
                                               {"--to", &out.index}};
  std::map<std::string, std::vector<std::string>*> lists = {{"--drop-field", &out.drop},
                                                            {"--set", &out.set}};
  for (size_t i = 0; i < given.size(); ++i) {
    std::string name = given[i];
    if (!name.starts_with('-')) {
      if (!out.verb.empty()) return "what is `" + name + "`?";
      out.verb = name;
      continue;
    }
    if (name == "--remove" || name == "--dry-run") {
      (name == "--remove" ? out.remove : out.dry_run) = true;
      continue;
    }
    std::string value;
    if (const size_t equals = name.find('='); equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    } else if (++i < given.size()) {
      value = given[i];
    } else {
      return name + " needs a value";
    }
    if (const auto text = texts.find(name); text != texts.end())
      *text->second = value;
    else if (const auto list = lists.find(name); list != lists.end())
      list->second->push_back(value);
    else
      return "there is no option " + name;
  }
  const auto number = [](const std::string& text, auto& to) {
    const auto parsed = parse_integer(text);
    if (!text.empty() && (!parsed || *parsed < 0)) return false;
    if (parsed) to = static_cast<std::remove_reference_t<decltype(to)>>(*parsed);
    return true;
  };
  if (!number(status, out.choice.status)) return "--status must be a number";
  if (!number(limit, out.limit)) return "--limit must be a number";
  return {};
}

std::string parse_edit(const DlqArguments& arguments, LetterEdit& edit) {
  for (const std::string& text : arguments.drop) {
    auto field = FieldRef::parse(text);
    if (!field.ok()) return "--drop-field: " + field.error().message;
    edit.drop.push_back(std::move(field).value());
  }
  for (const std::string& text : arguments.set) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) return "--set: must be FIELD=VALUE";
    auto field = FieldRef::parse(text.substr(0, equals));
    if (!field.ok()) return "--set: " + field.error().message;
    edit.set.emplace_back(std::move(field).value(), text.substr(equals + 1));
  }
  return {};
}

std::string group_of(const std::string& by, const StoredLetter& letter) {
  if (by == "index") return letter_index(letter);
  if (by == "status") return std::to_string(letter.status);
  if (by == "plugin") return letter.plugin_type + " " + letter.plugin_id;
  return std::to_string(letter.status) + " " + reason_group(letter.reason);
}

std::string time_text(const Instant& time) {
  char text[40];
  return {text, format_instant(time, text)};
}

// Calls `visit` for each letter that is meant, until it gives false.
template <class Visit>
int visit_letters(const DlqArguments& arguments, Visit visit) {
  DeadLetterReader reader(dead_letter_folder(arguments.path_data, arguments.pipeline));
  StoredLetter letter;
  while (reader.next(letter))
    if (arguments.choice.takes(letter) && !visit(letter)) break;
  if (reader.damaged_bytes())
    std::fprintf(stderr, "dlq: %llu damaged bytes were passed over\n",
                 static_cast<unsigned long long>(reader.damaged_bytes()));
  if (reader.status().ok()) return 0;
  std::fprintf(stderr, "dlq: %s\n", reader.status().error().message.c_str());
  return 1;
}

int list(const DlqArguments& arguments) {
  struct Group {
    uint64_t count = 0;
    Instant first, last;
  };
  constexpr size_t kGroupsMax = 10'000;
  std::map<std::string, Group> groups;
  uint64_t total = 0;
  const int code = visit_letters(arguments, [&](const StoredLetter& letter) {
    std::string name = group_of(arguments.group_by, letter);
    if (groups.size() >= kGroupsMax && !groups.count(name)) name = "(others)";
    Group& group = groups[name];
    if (group.count++ == 0) group.first = letter.time;
    group.last = letter.time;
    ++total;
    return true;
  });
  std::vector<std::pair<std::string, Group>> sorted(groups.begin(), groups.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  std::printf("%10s  %-24s  %-24s  %s\n", "letters", "first", "last", arguments.group_by.c_str());
  for (const auto& [name, group] : sorted)
    std::printf("%10llu  %-24s  %-24s  %s\n", static_cast<unsigned long long>(group.count),
                time_text(group.first).c_str(), time_text(group.last).c_str(), name.c_str());
  std::printf("%10llu  in all\n", static_cast<unsigned long long>(total));
  return code;
}

void append_member(std::string_view name, std::string_view text, ByteBuffer& out) {
  out.append(",\"");
  out.append(name);
  out.append("\":");
  write_json_string(is_utf8(text) ? std::string(text) : replace_invalid_utf8(text), out);
}

int show(const DlqArguments& arguments) {
  uint64_t shown = 0;
  ByteBuffer line;
  return visit_letters(arguments, [&](const StoredLetter& letter) {
    if (arguments.limit && shown++ >= arguments.limit) return false;
    line.clear();
    line.append("{\"time\":\"" + time_text(letter.time) + "\"");
    line.append(",\"status\":" + std::to_string(letter.status));
    append_member("reason", letter.reason, line);
    append_member("pipeline", letter.pipeline, line);
    append_member("plugin_type", letter.plugin_type, line);
    append_member("plugin_id", letter.plugin_id, line);
    line.append(",\"metadata\":" + (letter.metadata_json.empty() ? "{}" : letter.metadata_json));
    line.append(",\"event\":" + (letter.event_json.empty() ? "null" : letter.event_json));
    line.append("}\n");
    std::fwrite(line.data(), 1, line.size(), stdout);
    return true;
  });
}

int dry_run(const DlqArguments& arguments, const LetterEdit& edit) {
  uint64_t shown = 0;
  return visit_letters(arguments, [&](const StoredLetter& letter) {
    if (arguments.limit && shown++ >= arguments.limit) return false;
    std::printf("%s\n", mend(letter.event_json, edit).c_str());
    return true;
  });
}

// A text of the configuration language. Quotes can't be escaped there, so a text that has both
// kinds can't be said.
bool append_quoted(const std::string& text, std::string& out) {
  const char quote = text.find('"') == std::string::npos ? '"' : '\'';
  if (text.find(quote) != std::string::npos) return false;
  out += quote + text + quote;
  return true;
}

bool input_text(const DlqArguments& arguments, std::string& out) {
  bool good = true;
  const auto option = [&](const char* name, const std::string& text) {
    out += std::string(" ") + name + " => ";
    good = append_quoted(text, out) && good;
  };
  out = "input { dead_letter_queue { ecs_compatibility => disabled";
  option("path", arguments.path_data + "/dead_letter_queue");
  option("pipeline_id", arguments.pipeline);
  if (!arguments.choice.reason.empty()) option("reason", arguments.choice.reason);
  if (arguments.choice.status) option("status", std::to_string(arguments.choice.status));
  for (const std::string& field : arguments.drop) option("drop_fields", field);
  for (const std::string& text : arguments.set) option("set_fields", text);
  if (arguments.remove) out += " clean_consumed => true";
  out += " } }";
  return good;
}

int replay(const DlqArguments& arguments, const std::function<int(const DlqReplay&)>& run) {
  LetterEdit edit;
  if (const std::string fault = parse_edit(arguments, edit); !fault.empty())
    return bad_usage(fault);
  if (arguments.dry_run) return dry_run(arguments, edit);
  if (arguments.config.empty()) return bad_usage("replay needs -f CONF");
  DlqReplay what;
  if (!input_text(arguments, what.inputs))
    return bad_usage("a value can't hold both kinds of quotes");
  what.config = arguments.config;
  what.index = arguments.index;
  what.path_data = arguments.path_data;
  what.pipeline_id = arguments.pipeline + ".replay";
  return run(what);
}

}  // namespace

int dlq_command(const std::vector<std::string>& given,
                const std::function<int(const DlqReplay&)>& run) {
  DlqArguments arguments;
  if (std::find(given.begin(), given.end(), "--help") != given.end()) {
    std::fputs(kUsage, stdout);
    return 0;
  }
  if (const std::string fault = parse(given, arguments); !fault.empty()) return bad_usage(fault);
  if (arguments.verb == "list") return list(arguments);
  if (arguments.verb == "show") return show(arguments);
  if (arguments.verb == "replay") return replay(arguments, run);
  return bad_usage(arguments.verb.empty() ? "list, show or replay?"
                                          : "there is no `" + arguments.verb + "`");
}

}  // namespace penstock

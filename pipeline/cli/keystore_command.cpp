#include "pipeline/cli/keystore_command.h"

#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "pipeline/cli/options.h"
#include "pipeline/config/keystore.h"

namespace penstock {
namespace {

constexpr const char* kUsage =
    "penstock keystore [--path.settings DIR] COMMAND: secrets that configurations name as "
    "${KEY}\n\n"
    "  create          make an empty keystore (asks before it replaces one; --force doesn't)\n"
    "  add KEY ...     add or replace; the value is asked for, or is a line of standard input\n"
    "                  (--stdin, or when that is no terminal); --force replaces without asking\n"
    "  list            the names\n"
    "  remove KEY ...  remove\n"
    "  has-passwd      exit 0 when the keystore is protected by a password, else 1\n\n"
    "The file is DIR/penstock.keystore. Set PENSTOCK_KEYSTORE_PASS (or LOGSTASH_KEYSTORE_PASS) "
    "when\n"
    "it is made and whenever it is used, or it is only hidden, not protected.\n";

struct Arguments {
  std::string folder;
  std::string verb;
  std::vector<std::string> names;
  bool from_stdin = false;
  bool force = false;

  std::string file() const { return folder + "/" + std::string(Keystore::kFile); }
};

int bad_usage(const std::string& what) {
  std::fprintf(stderr, "penstock keystore: %s\n\n%s", what.c_str(), kUsage);
  return kExitBadUsage;
}

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.text().c_str());
  return kExitBadConfig;
}

// "" or what is wrong.
std::string parse(const std::vector<std::string>& given, Arguments& out) {
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string& word = given[i];
    if (word == "--stdin" || word == "-x")
      out.from_stdin = true;
    else if (word == "--force" || word == "-f")
      out.force = true;
    else if (word == "--path.settings" && i + 1 < given.size())
      out.folder = given[++i];
    else if (word.starts_with("--path.settings="))
      out.folder = word.substr(word.find('=') + 1);
    else if (word.starts_with("-"))
      return "there is no flag `" + word + "`";
    else if (out.verb.empty())
      out.verb = word;
    else
      out.names.push_back(word);
  }
  if (out.verb.empty()) return "create, add, list, remove or has-passwd?";
  if (out.folder.empty()) return "needs --path.settings DIR, where the keystore lies";
  const bool wants_names = out.verb == "add" || out.verb == "remove";
  if (wants_names && out.names.empty()) return out.verb + " needs the name of a key";
  if (!wants_names && !out.names.empty()) return out.verb + " takes no names";
  return "";
}

// A line of standard input; nothing is shown of it while it is typed.
class Line {
 public:
  explicit Line(bool hidden) : hidden_(hidden && tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!hidden_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~Line() {
    if (!hidden_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);
  }
  static bool read(std::string& out) {
    out.clear();
    int byte = 0;
    while ((byte = std::getchar()) != EOF && byte != '\n' && out.size() <= Keystore::kValueBytesMax)
      out += static_cast<char>(byte);
    if (out.ends_with('\r')) out.pop_back();
    return byte != EOF || !out.empty();
  }

 private:
  termios before_{};
  bool hidden_;
};

bool agreed(const std::string& question) {
  std::fprintf(stderr, "%s [y/N] ", question.c_str());
  std::string answer;
  return Line::read(answer) && (answer == "y" || answer == "Y");
}

Result<std::string> password() {
  return Keystore::password_of([](const std::string& name) { return std::getenv(name.c_str()); });
}

Result<Keystore> open(const Arguments& arguments) {
  std::error_code ignored;
  if (!std::filesystem::exists(arguments.file(), ignored))
    return Error{Errc::not_found,
                 "there is no " + arguments.file() + "; `penstock keystore create` makes one",
                 {}};
  TRY(const std::string secret, password());
  return Keystore::open(arguments.file(), secret);
}

int create(const Arguments& arguments) {
  std::error_code ignored;
  if (std::filesystem::exists(arguments.file(), ignored) && !arguments.force &&
      !agreed(arguments.file() + " exists. Replace it, with all that is in it?"))
    return kExitBadConfig;
  const auto secret = password();
  if (!secret.ok()) return fail(secret.error());
  if (const Status saved = Keystore::create(arguments.file(), secret.value()).save(); !saved.ok())
    return fail(saved.error());
  if (secret.value().empty())
    std::fputs(
        "no password: PENSTOCK_KEYSTORE_PASS is not set, so whoever may read the file may read "
        "the secrets\n",
        stderr);
  std::printf("made %s\n", arguments.file().c_str());
  return kExitOk;
}

int add(const Arguments& arguments) {
  auto store = open(arguments);
  if (!store.ok()) return fail(store.error());
  const bool terminal = isatty(STDIN_FILENO) != 0 && !arguments.from_stdin;
  for (const std::string& name : arguments.names) {
    if (terminal && store.value().find(name) && !arguments.force &&
        !agreed(name + " is there already. Replace it?"))
      continue;
    if (terminal) std::fprintf(stderr, "The value of %s: ", name.c_str());
    std::string value;
    {
      const Line line(terminal);
      if (!Line::read(value)) value.clear();
    }
    if (const Status set = store.value().set(name, std::move(value)); !set.ok())
      return fail(set.error());
  }
  const Status saved = store.value().save();
  return saved.ok() ? kExitOk : fail(saved.error());
}

int list(const Arguments& arguments) {
  const auto store = open(arguments);
  if (!store.ok()) return fail(store.error());
  for (const std::string& name : store.value().names()) std::printf("%s\n", name.c_str());
  return kExitOk;
}

int remove(const Arguments& arguments) {
  auto store = open(arguments);
  if (!store.ok()) return fail(store.error());
  for (const std::string& name : arguments.names)
    if (!store.value().remove(name))
      return fail({Errc::not_found, "there is no `" + name + "` in the keystore", {}});
  const Status saved = store.value().save();
  return saved.ok() ? kExitOk : fail(saved.error());
}

int has_password(const Arguments& arguments) {
  const auto has = Keystore::has_password(arguments.file());
  if (!has.ok()) return fail(has.error());
  std::puts(has.value() ? "protected by a password" : "not protected by a password");
  return has.value() ? kExitOk : kExitBadConfig;
}

}  // namespace

int keystore_command(const std::vector<std::string>& given) {
  if (std::find(given.begin(), given.end(), "--help") != given.end()) {
    std::fputs(kUsage, stdout);
    return kExitOk;
  }
  Arguments arguments;
  if (const std::string what = parse(given, arguments); !what.empty()) return bad_usage(what);
  if (arguments.verb == "create") return create(arguments);
  if (arguments.verb == "add") return add(arguments);
  if (arguments.verb == "list") return list(arguments);
  if (arguments.verb == "remove") return remove(arguments);
  if (arguments.verb == "has-passwd") return has_password(arguments);
  return bad_usage("there is no `" + arguments.verb + "`");
}

}  // namespace penstock

#include "filters/threat/markup.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace penstock::threat {
namespace {

// A tag is read this far; what comes later belongs to nothing a browser would show.
constexpr size_t kTagBytesMax = 4096;

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_blank(char c) { return static_cast<uint8_t>(c) <= 0x20; }
bool is_name(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

// How event handlers' names go on after "on". Prefixes, so that new ones of a family are known.
bool is_event(std::string_view name) {
  static constexpr std::string_view kEvents[] = {
      "abort",
      "activate",
      "after",
      "animation",
      "append",
      "auxclick",
      "before",
      "begin",
      "blur",
      "bounce",
      "cancel",
      "canplay",
      "cellchange",
      "change",
      "click",
      "close",
      "command",
      "contextmenu",
      "contentvisibility",
      "controlselect",
      "copy",
      "cuechange",
      "cut",
      "dataavailable",
      "datasetc",
      "dblclick",
      "deactivate",
      "device",
      "drag",
      "drop",
      "durationchange",
      "emptied",
      "encrypted",
      "end",
      "error",
      "filterchange",
      "finish",
      "focus",
      "formchange",
      "formdata",
      "forminput",
      "fullscreen",
      "gamepad",
      "gesture",
      "gotpointer",
      "hashchange",
      "help",
      "input",
      "invalid",
      "key",
      "languagechange",
      "layoutcomplete",
      "load",
      "losecapture",
      "lostpointer",
      "media",
      "message",
      "mouse",
      "move",
      "mspoint",
      "msgesture",
      "offline",
      "online",
      "orientation",
      "outofsync",
      "page",
      "paste",
      "pause",
      "play",
      "pointer",
      "popstate",
      "progress",
      "propertychange",
      "ratechange",
      "readystate",
      "redo",
      "rejection",
      "repeat",
      "reset",
      "resize",
      "resume",
      "reverse",
      "row",
      "scroll",
      "search",
      "security",
      "seek",
      "select",
      "show",
      "slot",
      "snap",
      "stalled",
      "start",
      "stop",
      "storage",
      "submit",
      "suspend",
      "syncrestored",
      "timeerror",
      "timeout",
      "timeupdate",
      "toggle",
      "touch",
      "trackchange",
      "transition",
      "undo",
      "unhandled",
      "unload",
      "urlflip",
      "volumechange",
      "waiting",
      "webkit",
      "wheel",
      "zoom",
      "beforescriptexecute",
  };
  for (const std::string_view event : kEvents)
    if (name.starts_with(event)) return true;
  return false;
}

constexpr std::string_view kActiveTags[] = {
    "script",  "iframe", "frame",  "object",   "embed", "applet", "isindex",
    "bgsound", "layer",  "ilayer", "frameset", "xss",   "portal", "fencedframe"};
constexpr std::string_view kUriAttributes[] = {
    "href",   "src",    "action",   "formaction", "xlink:href", "data",   "background", "dynsrc",
    "lowsrc", "code",   "to",       "from",       "values",     "srcdoc", "poster",     "content",
    "url",    "folder", "codebase", "value",      "ping",       "srcset", "by"};
// What a script does in a proof of concept or an attack.
constexpr std::string_view kCalls[] = {"alert",
                                       "confirm",
                                       "prompt",
                                       "eval",
                                       "document",
                                       "window",
                                       "fetch",
                                       "location",
                                       "import",
                                       "settimeout",
                                       "setinterval",
                                       "string.fromcharcode",
                                       "xmlhttprequest",
                                       "top[",
                                       "self[",
                                       "top.",
                                       "self.",
                                       "parent",
                                       "this[",
                                       "frames",
                                       "javascript",
                                       "throw",
                                       "print",
                                       "console",
                                       "$.",
                                       "atob",
                                       "unescape",
                                       "function",
                                       "new ",
                                       "src=",
                                       "innerhtml",
                                       "`",
                                       "name",
                                       "write",
                                       "open(",
                                       "_=",
                                       "co\\u",
                                       "al\\u",
                                       "(()",
                                       "[]",
                                       "navigator",
                                       "globalthis",
                                       "constructor",
                                       "onerror",
                                       "reporterror",
                                       "msg",
                                       "a="};

template <size_t N>
bool any_of(const std::string_view (&list)[N], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

// "java\tscript:" is "javascript:" to a browser: reads a scheme over blanks and control bytes.
bool begins_with_script_uri(std::string_view text, bool strict) {
  std::string scheme;
  size_t i = 0;
  while (i < text.size() &&
         (is_blank(text[i]) || text[i] == '\'' || text[i] == '"' || text[i] == '`'))
    ++i;
  for (; i < text.size() && scheme.size() < 11; ++i) {
    const char c = text[i];
    if (is_blank(c)) continue;
    if (c == ':') break;
    if (c == '\\' || c == '/') return false;
    scheme.push_back(c);
  }
  if (i >= text.size() || text[i] != ':') return false;
  if (scheme == "vbscript" || scheme == "livescript" || scheme == "mocha") return true;
  const std::string_view rest = text.substr(i + 1);
  if (scheme == "javascript") {
    if (rest.empty()) return !strict;
    if (rest.starts_with("void(0)") || rest.starts_with("void (0)") || rest.starts_with(";") ||
        rest.starts_with("history.") || rest.starts_with("void 0"))
      return rest.size() > 24 && rest.find("alert") != std::string_view::npos;
    return !strict || !is_blank(rest[0]) || rest.find('(') != std::string_view::npos;
  }
  if (scheme == "data")
    return rest.starts_with("text/html") || rest.starts_with("image/svg") ||
           rest.starts_with("text/xml") || rest.starts_with("application/xhtml") ||
           rest.starts_with("application/xml") || rest.starts_with(",<") ||
           rest.starts_with("text/javascript") || rest.starts_with("application/javascript") ||
           rest.starts_with(",alert") || rest.starts_with(";base64,phnj") ||
           rest.starts_with("application/x-javascript");
  return false;
}

class Scan {
 public:
  Scan(std::string_view text, Mode mode) : text_(text), value_(mode == Mode::value) {}

  Signals run() {
    for (size_t at = text_.find('<'); at != std::string_view::npos; at = text_.find('<', at + 1))
      at_tag(at);
    handlers();
    script_uris();
    return found_;
  }

 private:
  void add(Signal signal) { found_ |= bit(signal); }

  void at_tag(size_t at) {
    size_t i = at + 1;
    const bool closes = i < text_.size() && text_[i] == '/';
    while (i < text_.size() && (text_[i] == '/' || is_blank(text_[i]) || text_[i] == '<') &&
           i < at + 6)
      ++i;
    if (i >= text_.size()) return;
    if (text_[i] == '!' || text_[i] == '?' || text_[i] == '%') return at_declaration(i);
    size_t end = i;
    while (end < text_.size() && (is_name(text_[end]) || text_[end] == ':')) ++end;
    std::string_view name = text_.substr(i, end - i);
    if (name.empty() || !is_letter(name[0])) return;
    if (const size_t colon = name.find(':');
        colon != std::string_view::npos && colon + 1 < name.size())
      name.remove_prefix(colon + 1);
    const std::string_view rest = text_.substr(end, kTagBytesMax);
    if (name == "script") {
      // <script> in prose ("the <script> tag") is followed by words, not by code.
      if (closes && !value_ && rest.size() > 1) return;
      const std::string_view code = rest.substr(0, 512);
      if (!value_ && code.size() > 1 && code.find_first_of("(`=") == std::string_view::npos &&
          code.find("</script") == std::string_view::npos)
        return;
      return add(Signal::html_script);
    }
    if (closes) return;
    attributes(name, rest);
    if (any_of(kActiveTags, name) &&
        (rest.empty() || is_blank(rest[0]) || rest[0] == '/' || (rest[0] == '>' && value_)))
      add(name == "frame" || name == "object" || name == "embed" ? Signal::html_element
                                                                 : Signal::html_element);
    // A tag glued to a handler: <svgonload=... does nothing, <svg/onload does.
    if (value_ &&
        (name == "svg" || name == "math" || name == "img" || name == "body" || name == "style" ||
         name == "base" || name == "link" || name == "meta" || name == "form" || name == "input" ||
         name == "video" || name == "audio" || name == "details" || name == "marquee" ||
         name == "a" || name == "xml" || name == "template" || name == "noscript" ||
         name == "textarea" || name == "title" || name == "animate" || name == "set" ||
         name == "image" || name == "button" || name == "select" || name == "table" ||
         name == "div" || name == "br" || name == "h1" || name == "p" || name == "b" ||
         name == "i" || name == "u"))
      plain_element(name, rest);
  }

  // Elements of markup that a client has no business sending, without any script in sight.
  void plain_element(std::string_view name, std::string_view rest) {
    if (rest.empty() || (!is_blank(rest[0]) && rest[0] != '>' && rest[0] != '/')) return;
    const auto has = [&](std::string_view what) {
      return rest.substr(0, 256).find(what) != std::string_view::npos;
    };
    if (name == "base" && has("href")) return add(Signal::html_element);
    if (name == "link" && has("href")) return add(Signal::html_element);
    if (name == "meta" && (has("http-equiv") || has("refresh"))) return add(Signal::html_element);
    if (name == "style" && (has("@import") || has("expression") || has("url(") ||
                            has("-moz-binding") || has("behavior")))
      return add(Signal::html_element);
    if (name == "form" && (has("action") || has("formaction"))) return add(Signal::html_element);
    if (name == "img" || name == "svg" || name == "video" || name == "audio" || name == "image" ||
        name == "math" || name == "marquee")
      return add(Signal::html_attribute);
    if (name == "body" && has("background")) return add(Signal::html_attribute);
    if (name == "xml" || name == "noscript" || name == "template")
      return add(Signal::html_attribute);
  }

  void at_declaration(size_t i) {
    const std::string_view rest = text_.substr(i, 64);
    if (rest.starts_with("!entity") || rest.starts_with("!--#")) add(Signal::html_element);
    if (rest.starts_with("![cdata[<") && value_) add(Signal::html_attribute);
    if ((rest.starts_with("?xml-stylesheet") || rest.starts_with("?import")) && value_)
      add(Signal::html_element);
  }

  void attributes(std::string_view tag, std::string_view rest) {
    char quote = 0;
    for (size_t i = 0; i < rest.size(); ++i) {
      const char c = rest[i];
      if (quote) {
        if (c == quote) quote = 0;
        // An unbalanced quote hides nothing from a browser that reads on.
        continue;
      }
      if (c == '>') return;
      if (c == '\'' || c == '"' || c == '`') {
        if (i > 0 && rest[i - 1] == '=') quote = c;
        continue;
      }
      if (!is_letter(c) ||
          (i > 0 && (is_name(rest[i - 1]) || rest[i - 1] == ':' || rest[i - 1] == '.')))
        continue;
      i = attribute(tag, rest, i);
    }
  }

  // Reads the attribute whose name begins at `i`; gives the place of the last byte it used.
  size_t attribute(std::string_view tag, std::string_view rest, size_t i) {
    size_t end = i;
    while (end < rest.size() && (is_name(rest[end]) || rest[end] == ':')) ++end;
    const std::string_view name = rest.substr(i, end - i);
    size_t equals = end;
    while (equals < rest.size() && is_blank(rest[equals])) ++equals;
    if (equals >= rest.size() || rest[equals] != '=') return end - 1;
    const std::string_view value = rest.substr(equals + 1, 512);
    if (name.size() > 4 && name.starts_with("on") && (value_ || is_event(name.substr(2))))
      add(Signal::html_handler);
    if (any_of(kUriAttributes, name) && begins_with_script_uri(value, false)) add(Signal::html_uri);
    if (name == "style" && (value.find("expression") != std::string_view::npos ||
                            value.find("javascript:") != std::string_view::npos ||
                            value.find("behavior:") != std::string_view::npos ||
                            value.find("-moz-binding") != std::string_view::npos))
      add(Signal::html_uri);
    if (name == "srcdoc") add(Signal::html_attribute);
    (void)tag;
    return equals;
  }

  // Handlers without a tag: " onfocus=alert(1) x="  and those in tags that were cut off.
  void handlers() {
    for (size_t at = text_.find("on"); at != std::string_view::npos;
         at = text_.find("on", at + 2)) {
      const char before = at > 0 ? text_[at - 1] : ' ';
      if (is_name(before) || before == '.' || before == '$') continue;
      size_t end = at + 2;
      while (end < text_.size() && is_letter(text_[end]) && end < at + 32) ++end;
      if (end < at + 5 || !is_event(text_.substr(at + 2, end - at - 2))) continue;
      size_t equals = end;
      while (equals < text_.size() && is_blank(text_[equals]) && equals < end + 8) ++equals;
      if (equals >= text_.size() || text_[equals] != '=') continue;
      size_t begin = equals + 1;
      while (begin < text_.size() &&
             (is_blank(text_[begin]) || text_[begin] == '"' || text_[begin] == '\'' ||
              text_[begin] == '`' || text_[begin] == '(' || text_[begin] == '{' ||
              text_[begin] == '[' || text_[begin] == '/' || text_[begin] == '!' ||
              text_[begin] == '\\' || text_[begin] == '-' || text_[begin] == '+') &&
             begin < equals + 12)
        ++begin;
      const std::string_view code = text_.substr(begin, 64);
      const bool breaks_out =
          at > 0 &&
          (before == '"' || before == '\'' || before == '`' || before == '/' || before == '<' ||
           (is_blank(before) && at > 1 &&
            (text_[at - 2] == '"' || text_[at - 2] == '\'' || text_[at - 2] == '`')));
      bool calls = false;
      for (const std::string_view call : kCalls) calls = calls || code.starts_with(call);
      const bool invoked =
          code.find('(') != std::string_view::npos || code.find('`') != std::string_view::npos;
      if (calls && (value_ || breaks_out || code.find('(') != std::string_view::npos))
        add(Signal::html_handler);
      if (breaks_out && invoked && value_) add(Signal::html_handler);
    }
  }

  // javascript: where a value begins.
  void script_uris() {
    for (size_t at = text_.find(':'); at != std::string_view::npos; at = text_.find(':', at + 1)) {
      if (at < 4) continue;
      const char last = text_[at - 1];
      const char next = at + 1 < text_.size() ? text_[at + 1] : '\0';
      if (last != 't' && last != 'a' && !is_blank(last)) continue;
      const size_t begin = scheme_begin(at);
      if (begin == std::string_view::npos) continue;
      (void)next;
      const char before = begin > 0 ? text_[begin - 1] : '=';
      if (is_name(before) || before == '.') continue;
      if (begins_with_script_uri(text_.substr(begin, 512), !value_ || begin > 0)) {
        const bool quoted =
            before == '=' || before == '"' || before == '\'' || before == '(' || before == '\x01';
        const std::string_view rest = text_.substr(at + 1, 200);
        const bool code =
            rest.find('(') != std::string_view::npos || rest.find('`') != std::string_view::npos ||
            rest.find("//") != std::string_view::npos || rest.find("%") != std::string_view::npos ||
            rest.find('<') != std::string_view::npos ||
            rest.find("base64") != std::string_view::npos ||
            rest.find("=") != std::string_view::npos;
        if (code && (value_ || quoted || begin == 0)) add(Signal::html_uri);
      }
    }
  }

  // Where a "javascript", "vbscript" or "data" that ends before `colon` begins, over blanks.
  size_t scheme_begin(size_t colon) const {
    for (const std::string_view scheme :
         {std::string_view("javascript"), std::string_view("vbscript"), std::string_view("data")}) {
      size_t i = colon;
      size_t left = scheme.size();
      size_t blanks = 0;
      while (i > 0 && left > 0 && blanks < 64) {
        const char c = text_[i - 1];
        if (c == scheme[left - 1]) {
          --left;
        } else if (is_blank(c)) {
          ++blanks;
        } else {
          break;
        }
        --i;
      }
      if (left == 0) return i;
    }
    return std::string_view::npos;
  }

  std::string_view text_;
  bool value_;
  Signals found_ = 0;
};

}  // namespace

Signals find_markup(std::string_view text, Mode mode) { return Scan(text, mode).run(); }

}  // namespace penstock::threat

#include "filters/threat/fragments.h"

#include <algorithm>
#include <cstdint>

namespace penstock::threat {
namespace {

constexpr size_t kNameBytesMax = 64;

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
         c == '[' || c == ']' || c == '$' || c == '%' || c == ':' || c == '/';
}

// The length of the parameter name at `at`, when an = follows; else 0.
size_t name_size(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && end - at < kNameBytesMax && is_name(text[end])) ++end;
  return end > at && end < text.size() && text[end] == '=' ? end - at : 0;
}

// Every method ends with a blank, and a target begins like this: most texts have neither.
bool has_target(std::string_view text) {
  for (size_t at = 1; at < text.size(); ++at)
    if (text[at - 1] == ' ' && (text[at] == '/' || text.substr(at, 4) == "http")) return true;
  return false;
}

bool is_blank(char c) { return static_cast<uint8_t>(c) <= 0x20; }

class Cutter {
 public:
  Cutter(std::string_view view, std::vector<Fragment>& out) : view_(view), out_(out) {}

  void put(std::string_view text, std::string_view name, Fragment::Kind kind, Mode mode) {
    if (text.empty() || out_.size() >= kFragmentsMax) return;
    out_.push_back({text, name, kind, mode});
  }

  // name=value&name=value from `begin` to `end`.
  void query(size_t begin, size_t end) {
    size_t at = begin;
    while (at < end && out_.size() < kFragmentsMax) {
      const size_t name = name_size(view_.substr(0, end), at);
      const size_t value = name ? at + name + 1 : at;
      // Only an & before another name= divides; others belong to the value (decoded %26, &&).
      size_t next = view_.find('&', value);
      while (next < end && name_size(view_.substr(0, end), next + 1) == 0)
        next = view_.find('&', next + 1);
      const size_t stop = std::min(next, end);
      put(view_.substr(value, stop - value), view_.substr(at, name), Fragment::Kind::value,
          Mode::value);
      at = stop + 1;
    }
  }

  // A URL or its path, from `begin` to `end`.
  void target(size_t begin, size_t end) {
    const size_t mark = view_.find('?', begin);
    size_t path_end = std::min(mark, end);
    size_t path = begin;
    if (const size_t scheme = view_.substr(begin, 10).find("://");
        scheme != std::string_view::npos) {
      path = view_.find('/', begin + scheme + 3);
      if (path >= path_end) path = path_end;
    }
    put(view_.substr(path, path_end - path), {}, Fragment::Kind::path, Mode::value);
    if (path_end < end) query(path_end + 1, end);
  }

  // "GET /x?y=z HTTP/1.1" anywhere in the text.
  bool request_line() {
    static constexpr std::string_view kMethods[] = {"get ",   "post ",    "put ",   "delete ",
                                                    "head ",  "options ", "patch ", "propfind ",
                                                    "trace ", "connect "};
    size_t begin = std::string_view::npos;
    if (!has_target(view_)) return false;
    for (const std::string_view method : kMethods) {
      for (size_t at = view_.find(method); at != std::string_view::npos && at < 512;
           at = view_.find(method, at + 1)) {
        const size_t target = at + method.size();
        const bool starts = at == 0 || view_[at - 1] == '"' || is_blank(view_[at - 1]) ||
                            view_[at - 1] == '\'' || view_[at - 1] == '[' || view_[at - 1] == ':';
        if (starts && target < view_.size() &&
            (view_[target] == '/' || view_.substr(target).starts_with("http"))) {
          begin = std::min(begin, target);
          break;
        }
      }
    }
    if (begin == std::string_view::npos) return false;
    size_t end = view_.find(" http/", begin);
    if (end == std::string_view::npos) {
      end = view_.size();
      if (begin > 1 && view_[begin - 1] == ' ') {
        const size_t quote = view_.find("\" ", begin);
        if (view_.substr(0, begin).find('"') != std::string_view::npos &&
            quote != std::string_view::npos)
          end = quote;
      }
    }
    target(begin, end);
    if (end < view_.size()) headers(end);
    return true;
  }

  // What follows a request line in a log: referer and user agent in quotes.
  void headers(size_t at) {
    for (int n = 0; n < 4; ++n) {
      const size_t open = view_.find(" \"", at);
      if (open == std::string_view::npos) return;
      const size_t close = view_.find('"', open + 2);
      if (close == std::string_view::npos) return;
      const std::string_view text = view_.substr(open + 2, close - open - 2);
      if (text.starts_with("http")) {
        if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
          const size_t from = open + 2 + mark + 1;
          query(from, close);
        }
      }
      at = close;
    }
  }

  // The strings of a JSON text, without reading it exactly.
  void json() {
    for (size_t at = view_.find('"');
         at != std::string_view::npos && out_.size() < kFragmentsMax;) {
      size_t close = at + 1;
      while (close < view_.size() && view_[close] != '"') close += view_[close] == '\\' ? 2 : 1;
      if (close >= view_.size()) return;
      size_t after = close + 1;
      while (after < view_.size() && is_blank(view_[after])) ++after;
      const std::string_view text = view_.substr(at + 1, close - at - 1);
      if ((after >= view_.size() || view_[after] != ':') && text.size() > 2)
        put(text, {}, Fragment::Kind::value, mode_of(text, FieldKind::text));
      at = view_.find('"', close + 1);
    }
  }

 private:
  std::string_view view_;
  std::vector<Fragment>& out_;
};

}  // namespace

Mode mode_of(std::string_view raw, FieldKind kind) {
  if (kind == FieldKind::request) return Mode::value;
  if (kind != FieldKind::text || raw.empty()) return Mode::text;
  // No blank at all: a token, not a sentence. A leading separator or quote: cut out of something.
  static constexpr std::string_view kLeads = "'\"`;|&<$%\\)!,*~^#";
  if (kLeads.find(raw[0]) != std::string_view::npos) return Mode::value;
  for (const char c : raw.substr(0, 2048))
    if (is_blank(c)) return Mode::text;
  return Mode::value;
}

void cut(std::string_view view, FieldKind kind, Mode mode, std::vector<Fragment>& out) {
  out.clear();
  Cutter cutter(view, out);
  if (view.empty()) return;
  const size_t mark = view.find('?');
  const bool query = mark != std::string_view::npos && name_size(view, mark + 1) > 0;
  const bool form = name_size(view, 0) > 0 && view[0] != '/' && view[0] != '.';
  const bool path = view[0] == '/' || (view.starts_with("http") &&
                                       view.substr(0, 8).find("://") != std::string_view::npos);
  const bool carries =
      query || (form && kind != FieldKind::text) || (path && kind == FieldKind::url);
  cutter.put(view, {}, Fragment::Kind::whole,
             carries && kind != FieldKind::request ? Mode::text : mode);
  if (kind == FieldKind::agent) return;
  if (cutter.request_line()) return;
  if (kind == FieldKind::url) return cutter.target(0, view.size());
  if (path && (query || mode == Mode::value)) return cutter.target(0, view.size());
  if (query) return cutter.query(mark + 1, view.size());
  if (form && (kind == FieldKind::request || view.find(' ') == std::string_view::npos ||
               mode == Mode::value))
    return cutter.query(0, view.size());
  if (view[0] == '{' || view[0] == '[') return cutter.json();
}

}  // namespace penstock::threat

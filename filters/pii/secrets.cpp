// Secrets that their name gives away: password=x, "token": "x", Authorization: Bearer x,
// --password x, IDENTIFIED BY 'x'. The name decides by the same rules as a field's name does.
#include <algorithm>

#include "filters/pii/names.h"
#include "filters/pii/scan.h"

namespace penstock::pii {
namespace {

constexpr size_t kNameBytesMax = 48;
constexpr size_t kSecretBytesMax = 4096;  // a longer value is cut here; the rest is no secret
constexpr size_t kSpacesMax = 8;

constexpr EntitySet kSecrets = bit(Entity::password) | bit(Entity::api_key) | bit(Entity::aws_key) |
                               bit(Entity::bearer_token) | bit(Entity::jwt);

// How a value is quoted: nothing, one byte, or an escaped form of it.
struct Quote {
  std::string_view text;
};
constexpr Quote kQuotes[] = {{"\\\\\\\""}, {"\\\""}, {"\\'"}, {"\\u0022"}, {"\""},   {"'"},
                             {"`"},        {"%22"},  {"%27"}, {"&quot;"},  {"&#39;"}};

std::string_view quote_at(std::string_view text, size_t at) {
  if (at >= text.size() || is_alnum(text[at]) || is_space(text[at])) return {};
  for (const Quote& quote : kQuotes)
    if (text.substr(at, quote.text.size()) == quote.text) return quote.text;
  return {};
}

size_t skip_blanks(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && end - at < kSpacesMax && (text[end] == ' ' || text[end] == '\t'))
    ++end;
  return end;
}

// Not inside of a multi-byte character.
size_t cut(std::string_view text, size_t end) {
  while (end < text.size() && end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
  return end;
}

bool ends_bare_value(std::string_view text, size_t at) {
  switch (text[at]) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case ',':
    case ';':
    case '&':
    case '"':
    case '\'':
    case '`':
    case '<':
    case '>':
    case '}':
    case ']':
    case ')':
    case '|':
    case '\\':
    case '\0':
      return true;
    case '%':
      return has_word_at(text, at, "%26") || has_word_at(text, at, "%22") ||
             has_word_at(text, at, "%20");
    default:
      return false;
  }
}

struct Span {
  size_t begin, end;
  bool quoted;
};

// The value at `at`, which may begin with a quote.
Span value_at(std::string_view text, size_t at) {
  if ((text.substr(at, 2) == "u'" || text.substr(at, 2) == "b'" || text.substr(at, 2) == "b\""))
    ++at;
  const std::string_view quote = quote_at(text, at);
  const size_t begin = at + quote.size();
  const size_t limit = std::min(text.size(), begin + kSecretBytesMax);
  size_t end = begin;
  if (quote.empty()) {
    while (end < limit && !ends_bare_value(text, end)) ++end;
    if (begin < end && text[begin] == '[') return {begin, begin, false};
    return {begin, cut(text, end), false};
  }
  while (end < limit && text.substr(end, quote.size()) != quote) {
    if (text[end] == '\n') break;
    end += text[end] == '\\' && quote[0] != '\\' && end + 1 < limit ? 2 : 1;
  }
  end = std::min(end, limit);
  return {begin, cut(text, end), true};
}

// "password: must be at least 8 characters": prose after a colon is not a secret. A secret has
// something that words lack, or stands alone.
bool is_prose(std::string_view text, const Span& value) {
  const std::string_view word = text.substr(value.begin, value.end - value.begin);
  if (!std::all_of(word.begin(), word.end(),
                   [](char c) { return is_alpha(c) || c == '.' || c == '-'; }))
    return false;
  size_t capitals = 0;
  for (size_t i = 1; i < word.size(); ++i) capitals += in_class(word[i], kUpper);
  if (capitals > 0 && capitals + 1 < word.size()) return false;
  const size_t next = skip_blanks(text, value.end);
  return next > value.end && next < text.size() && (is_alpha(text[next]) || text[next] == '\'');
}

void add_secret(Scan& scan, Entity entity, const Span& value) {
  const std::string_view text = scan.text.substr(value.begin, value.end - value.begin);
  const Entity refined = refine_secret(entity, text);
  if (scan.wants(refined))
    scan.add(value.begin, value.end, refined);
  else if (scan.wants(entity))
    scan.add(value.begin, value.end, entity);
}

bool is_token68(char c) { return is_word(c) || in_class(c, kTokenMark) || c == ':'; }

// 'username="Mufasa", realm="x", response="6629"': where the list ends whose first name or pair
// ends at `end`.
size_t with_parameters(std::string_view text, size_t end, std::string_view outer) {
  if (end == 0 || end >= text.size()) return end;
  if (text[end - 1] != '=' && text[end] != ',') return end;
  const size_t limit = std::min(text.size(), end + kSecretBytesMax);
  size_t at = end;
  while (at < limit) {
    if (text[at] == '"' && outer != "\"" && text[at - 1] == '=') {
      const size_t close = text.find('"', at + 1);
      if (close >= limit) break;
      at = close + 1;
    }
    while (at < limit && is_token68(text[at])) ++at;
    end = at;
    // One more name and '=' must follow the comma.
    size_t next = at;
    if (next >= limit || text[next] != ',') break;
    ++next;
    while (next < limit && text[next] == ' ') ++next;
    at = next;
    while (at < limit && (is_word(text[at]) || text[at] == '-')) ++at;
    if (at == next || at >= limit || text[at] != '=') break;
    ++at;
    while (at < limit && text[at] != '"' && text[at] != ',' &&
           (is_token68(text[at]) || text[at] == ';'))
      ++at;
    end = at;
  }
  return end;
}

// What follows "Authorization:": a scheme and its credentials, or just these.
void add_authorization(Scan& scan, size_t at) {
  const std::string_view quote = quote_at(scan.text, at);
  at += quote.size();
  static constexpr std::string_view kSchemes[] = {
      "bearer", "basic", "token", "apikey",           "digest",    "negotiate", "ntlm",
      "oauth",  "key",   "jwt",   "aws4-hmac-sha256", "sharedkey", "hawk",      "bot"};
  bool parameters = false;
  for (const std::string_view scheme : kSchemes) {
    if (!has_word_at(scan.text, at, scheme)) continue;
    const size_t next = at + scheme.size();
    const char c = scan.at(next);
    if (c != ' ' && c != '+' && c != '%' && c != '=' && c != ':') continue;
    at = next + (c == '%' ? 3 : 1);
    parameters =
        scheme == "digest" || scheme == "oauth" || scheme == "hawk" || scheme.starts_with("aws4");
    break;
  }
  at = skip_blanks(scan.text, at);
  size_t end = at;
  const size_t limit = std::min(scan.text.size(), at + kSecretBytesMax);
  // Parameters ("Credential=..., Signature=...") are part of it.
  while (end < limit &&
         (is_token68(scan.text[end]) || (scan.text[end] == ',' && is_token68(scan.at(end + 1)))))
    ++end;
  const Span value{at, end, false};
  const std::string_view text = scan.text.substr(at, end - at);
  const bool named =
      parameters && text.ends_with('=') && scan.at(end) == '"';  // Digest username="..."
  if (text.size() < 6 || is_placeholder(text) ||
      (!named && !value_fits(Entity::bearer_token, text, true)))
    return;
  if (is_prose(scan.text, value)) return;
  if (parameters) end = with_parameters(scan.text, end, quote);
  add_secret(scan, Entity::bearer_token, {at, end, false});
}

// The name that ends before `end`, closing quotes and brackets skipped.
std::string_view name_before(std::string_view text, size_t end) {
  for (size_t i = 0; i < 2 && end > 0 && text[end - 1] == ' '; ++i) --end;
  if (end >= 6 && text.substr(end - 6, 6) == "&quot;") end -= 6;
  if (end >= 3 && text[end - 3] == '%' && text[end - 2] == '2' &&
      (text[end - 1] == '2' || text[end - 1] == '7'))
    end -= 3;
  for (size_t i = 0; i < 5 && end > 0; ++i) {
    const char c = text[end - 1];
    if (c != '"' && c != '\'' && c != ']' && c != '\\' && c != '`' && c != ')') break;
    --end;
  }
  size_t begin = end;
  while (begin > 0 && end - begin < kNameBytesMax &&
         (is_word(text[begin - 1]) || text[begin - 1] == '-' || text[begin - 1] == '.'))
    --begin;
  // "api key: x" has its name in two words.
  if (same_ignoring_case(text.substr(begin, end - begin), "key") && begin > 1 &&
      text[begin - 1] == ' ') {
    --begin;
    while (begin > 0 && end - begin < kNameBytesMax && is_word(text[begin - 1])) --begin;
  }
  return text.substr(begin, end - begin);
}

}  // namespace

void find_key_value(Scan& scan, size_t separator, size_t separator_size) {
  const std::string_view text = scan.text;
  const std::string_view name = name_before(text, separator);
  // The name of a mask is no name: "[PASSWORD]: x".
  if (static_cast<size_t>(name.data() - text.data()) < scan.skip_until) return;
  const NameMeaning meaning = meaning_of_name(name);
  for (size_t i = 0; i < kContexts; ++i)
    if (meaning.context & (1U << i)) scan.saw(static_cast<Context>(i), separator);
  if (!meaning.entity) return;
  const Entity entity = *meaning.entity;
  size_t at = separator + separator_size;
  const bool colon = text[separator] == ':';
  // "registry/token:v1.2": a path and its tag.
  if (colon && scan.before(static_cast<size_t>(name.data() - text.data())) == '/') return;
  while (at < text.size() && (text[at] == '=' || text[at] == '>')) ++at;  // "=>", ":=", "=="
  const size_t value_begin = skip_blanks(text, at);
  if (entity == Entity::payment_card) {  // a security code
    const Span value = value_at(text, value_begin);
    const std::string_view code = text.substr(value.begin, value.end - value.begin);
    if (code.size() <= 4 && value_fits(entity, code, value.quoted) && scan.wants(entity))
      scan.add(value.begin, value.end, entity);
    return;
  }
  if (!(bit(entity) & kSecrets)) return;
  if (same_ignoring_case(name.substr(name.size() - std::min(name.size(), size_t{13})),
                         "authorization"))
    return add_authorization(scan, value_begin);
  const Span value = value_at(text, value_begin);
  const std::string_view secret = text.substr(value.begin, value.end - value.begin);
  if (!value_fits(entity, secret, value.quoted)) return;
  if (colon && !value.quoted && (secret.front() == '/' || secret.front() == '(')) return;
  if (!value.quoted && (colon || value_begin > at) && is_prose(text, value)) return;
  if (entity == Entity::bearer_token && has_word_at(secret, 0, "bearer ")) return;
  if (entity == Entity::bearer_token && same_ignoring_case(secret, "bearer")) return;
  add_secret(scan, entity, value);
}

namespace {

// "api key 5f4dcc3b5aa765d61d8327deb882cf99": long and mixed enough to need no separator.
void find_bare_token(Scan& scan, Entity entity, size_t at) {
  constexpr size_t kBareBytesMin = 24;
  size_t end = at, digits = 0, letters = 0;
  for (; end < scan.text.size() && end - at < kSecretBytesMax && is_base64url(scan.text[end]);
       ++end) {
    digits += is_digit(scan.text[end]);
    letters += is_alpha(scan.text[end]);
  }
  const char after = scan.at(end);
  if (end - at < kBareBytesMin || digits < 3 || letters < 3 || after == '.' || after == '/') return;
  add_secret(scan, entity, {at, end, true});
}

}  // namespace

void find_secret_after_word(Scan& scan, size_t begin, size_t end) {
  const std::string_view text = scan.text;
  size_t name_end = end;
  while (name_end < text.size() && (is_word(text[name_end]) || text[name_end] == '-')) ++name_end;
  size_t name_begin = begin;
  while (name_begin > 0 && begin - name_begin < kNameBytesMax &&
         (is_word(text[name_begin - 1]) || text[name_begin - 1] == '-'))
    --name_begin;
  if (name_begin < scan.skip_until) return;
  const std::string_view name = text.substr(name_begin, name_end - name_begin);
  const char next = scan.at(name_end);
  if (next != ' ' && next != '>' && next != '(' && next != '\t') return;
  const NameMeaning meaning = meaning_of_name(name);
  if (!meaning.entity || !(bit(*meaning.entity) & kSecrets)) return;
  size_t at = name_end;
  bool sure = false;
  if (next == '>') {
    if (scan.before(name_begin) != '<') return;
    sure = true;
    ++at;
  } else if (next == '(') {
    if (quote_at(text, at + 1).empty()) return;
    ++at;
  } else {
    at = skip_blanks(text, at);
    const bool option = name.starts_with("-");
    for (const std::string_view verb : {"changed ", "reset ", "set ", "updated "})
      if (!option && has_word_at(text, at, verb)) at = skip_blanks(text, at + verb.size());
    if (!option && (has_word_at(text, at, "is ") || has_word_at(text, at, "to ") ||
                    has_word_at(text, at, "was "))) {
      at = skip_blanks(text, text.find(' ', at));
      const Span value = value_at(text, at);
      const std::string_view secret = text.substr(value.begin, value.end - value.begin);
      const bool mixed =
          std::any_of(secret.begin(), secret.end(), is_digit) ||
          std::any_of(secret.begin(), secret.end(), [](char c) {
            return !is_alnum(c) && c != '.' && c != '-' && c != '_' && c != '\'' && c != ':';
          });
      if (!mixed || secret.size() < 5 || !value_fits(*meaning.entity, secret, value.quoted)) return;
      return add_secret(scan, *meaning.entity, value);
    }
    if (!option && quote_at(text, at).empty()) return find_bare_token(scan, *meaning.entity, at);
    if (option && scan.at(at) == '-') return;
  }
  Span value = value_at(text, at);
  if (next == '>') {
    value.end = std::min(text.find('<', at), text.size());
    value.begin = at;
    if (value.end == text.size() || value.end - value.begin > kSecretBytesMax) return;
  }
  const std::string_view secret = text.substr(value.begin, value.end - value.begin);
  if (!value_fits(*meaning.entity, secret, value.quoted || sure)) return;
  if (value.quoted && secret.find(' ') != secret.npos) return;  // a quoted sentence
  add_secret(scan, *meaning.entity, value);
}

void find_bearer(Scan& scan, size_t end) {
  const std::string_view text = scan.text;
  size_t at = end;
  if (has_word_at(text, at, "%20"))
    at += 3;
  else if (scan.at(at) == ' ' || scan.at(at) == '+' || scan.at(at) == ':' || scan.at(at) == '=')
    at = skip_blanks(text, at + 1);
  else
    return;
  if (has_word_at(text, at, "token") &&
      (scan.at(at + 5) == ' ' || scan.at(at + 5) == ':' || scan.at(at + 5) == '='))
    at = skip_blanks(text, at + 6);
  const size_t begin = at;
  while (at < text.size() && at - begin < kSecretBytesMax && is_token68(text[at]) &&
         text[at] != ':')
    ++at;
  while (at > begin && text[at - 1] == '.') --at;
  const std::string_view token = text.substr(begin, at - begin);
  const bool mixed = std::any_of(token.begin(), token.end(), is_digit);
  if (token.size() < (mixed ? 8U : 20U) || token.find("://") != token.npos) return;
  add_secret(scan, Entity::bearer_token, {begin, at, true});
}

void find_basic(Scan& scan, size_t end) {
  const std::string_view text = scan.text;
  if (scan.at(end) != ' ' && !has_word_at(text, end, "%20")) return;
  const size_t begin = end + (scan.at(end) == ' ' ? 1 : 3);
  size_t at = begin;
  bool mixed = false;
  while (at < text.size() && at - begin < kSecretBytesMax &&
         (is_base64(text[at]) || text[at] == '=')) {
    mixed |= is_digit(text[at]) || text[at] == '=' || (at > begin && in_class(text[at], kUpper));
    ++at;
  }
  if (!mixed || at - begin < 8 || (at - begin) % 4 != 0 || is_word(scan.at(at))) return;
  scan.add(begin, at, Entity::bearer_token);
}

void find_identified_by(Scan& scan, size_t end) {
  size_t at = skip_blanks(scan.text, end);
  if (!has_word_at(scan.text, at, "by") && !has_word_at(scan.text, at, "with")) return;
  at = skip_blanks(scan.text, at + 2);
  if (has_word_at(scan.text, at, "password")) at = skip_blanks(scan.text, at + 8);
  const Span value = value_at(scan.text, at);
  if (value.end == value.begin || !value.quoted) return;
  if (value_fits(Entity::password, scan.text.substr(value.begin, value.end - value.begin), true))
    scan.add(value.begin, value.end, Entity::password);
}

namespace {

constexpr size_t kCommandBytesMax = 160;

// The place after " OPTION" of a command that began shortly before; npos when it isn't there.
size_t option_after(std::string_view text, size_t from, std::string_view option) {
  const size_t at =
      text.substr(0, std::min(text.size(), from + kCommandBytesMax)).find(option, from);
  if (at == std::string_view::npos) return at;
  const size_t line_end = text.find('\n', from);
  return line_end < at ? std::string_view::npos : at + option.size();
}

}  // namespace

void find_shell_password(Scan& scan, size_t end) {
  size_t at = option_after(scan.text, end, " -p");
  if (at == std::string_view::npos || scan.at(at) == '-') return;
  if (scan.at(at) == ' ') {
    // "mysql -p db" asks for it; sshpass takes it apart from the option.
    if (end < 7 || !has_word_at(scan.text, end - 7, "sshpass")) return;
    ++at;
  }
  const Span value = value_at(scan.text, at);
  const std::string_view secret = scan.text.substr(value.begin, value.end - value.begin);
  if (secret.size() >= 3 && value_fits(Entity::password, secret, value.quoted) &&
      secret != "assword")
    scan.add(value.begin, value.end, Entity::password);
}

void find_shell_user(Scan& scan, size_t end) {
  size_t at = option_after(scan.text, end, " -u ");
  if (at == std::string_view::npos) at = option_after(scan.text, end, " --user ");
  if (at == std::string_view::npos) return;
  const Span value = value_at(scan.text, at);
  const size_t colon = scan.text.find(':', value.begin);
  if (colon >= value.end || colon + 1 >= value.end || scan.text[colon + 1] == '[') return;
  if (value_fits(Entity::password, scan.text.substr(colon + 1, value.end - colon - 1), true))
    scan.add(colon + 1, value.end, Entity::password);
}

}  // namespace penstock::pii

#include "filters/threat/remote_url.h"

#include <array>
#include <cstdint>
#include <optional>

namespace penstock::threat {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_scheme(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '-'; }

template <size_t N>
bool any_of(const std::string_view (&list)[N], std::string_view text) {
  for (const std::string_view item : list)
    if (item == text) return true;
  return false;
}

struct Address {
  uint32_t ip = 0;
  bool disguised = false;  // not four decimal numbers
};

// IPv4 as inet_aton() reads it: 1 to 4 parts, each decimal, octal or hex.
std::optional<Address> parse_address(std::string_view host) {
  std::array<uint64_t, 4> parts{};
  size_t count = 0;
  Address address;
  size_t i = 0;
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty()) return {};
  for (;;) {
    if (count == 4) return {};
    unsigned base = 10;
    if (i + 1 < host.size() && host[i] == '0' && host[i + 1] == 'x')
      base = 16, i += 2;
    else if (i + 1 < host.size() && host[i] == '0' && is_digit(host[i + 1]))
      base = 8;
    if (base != 10) address.disguised = true;
    const size_t begin = i;
    uint64_t part = 0;
    while (i < host.size() && (base == 16 ? is_hex(host[i]) : is_digit(host[i]))) {
      const auto digit =
          static_cast<uint64_t>(is_digit(host[i]) ? host[i] - '0' : host[i] - 'a' + 10);
      part = part * base + digit;
      if (part > 0xffffffffULL * 256) return {};
      ++i;
    }
    if (i == begin) return {};
    parts[count++] = part;
    if (i == host.size()) break;
    if (host[i] != '.') return {};
    ++i;
  }
  if (count < 4) address.disguised = true;
  uint64_t ip = 0;
  for (size_t part = 0; part + 1 < count; ++part) ip = ip << 8 | (parts[part] & 255);
  const unsigned bits = static_cast<unsigned>(8 * (5 - count));
  ip = ip << bits | (bits >= 32 ? parts[count - 1] & 0xffffffffU
                                : parts[count - 1] & ((uint64_t{1} << bits) - 1));
  address.ip = static_cast<uint32_t>(ip);
  if (count == 4)
    for (const uint64_t part : parts) address.disguised = address.disguised || part > 255;
  return address;
}

bool is_internal(uint32_t ip) {
  return ip >> 24 == 127 || ip >> 24 == 10 || ip >> 24 == 0 || ip >> 20 == 0xac1 ||
         ip >> 16 == 0xc0a8 || ip >> 16 == 0xa9fe || ip >> 22 == (100U << 2 | 1);
}

constexpr std::string_view kMetadataHosts[] = {
    "169.254.169.254",
    "metadata.google.internal",
    "metadata",
    "100.100.100.200",
    "169.254.170.2",
    "192.0.0.192",
    "instance-data",
    "instance-data.ec2.internal",
    "metadata.tencentyun.com",
    "fd00:ec2::254",
    "metadata.azure.com",
    "metadata.azure.internal",
    "rancher-metadata",
    "metadata.packet.net",
    "169.254.169.253",
    "metadata.platformequinix.com",
    "kubernetes.default.svc",
    "kubernetes.default",
};
constexpr std::string_view kLocalNames[] = {"localhost",
                                            "localhost.localdomain",
                                            "localhost6",
                                            "ip6-localhost",
                                            "ip6-loopback",
                                            "localdomain",
                                            "local",
                                            "broadcasthost",
                                            "localtest.me",
                                            "loopback",
                                            "spoofed.burpcollaborator.net",
                                            "host.docker.internal",
                                            "gateway.docker.internal",
                                            "kubernetes.docker.internal"};
// Names that resolve to an address written in them, or to one the caller chooses: rebinding.
constexpr std::string_view kRebinders[] = {".nip.io",         ".xip.io",
                                           ".sslip.io",       ".localtest.me",
                                           ".lvh.me",         ".vcap.me",
                                           ".lacolhost.com",  ".1u.ms",
                                           ".rbndr.us",       ".burpcollaborator.net",
                                           ".oastify.com",    ".oast.fun",
                                           ".oast.pro",       ".oast.live",
                                           ".oast.site",      ".oast.online",
                                           ".oast.me",        ".interact.sh",
                                           ".interactsh.com", ".dnslog.cn",
                                           ".ceye.io",        ".requestbin.net",
                                           ".ngrok.io",       ".pipedream.net",
                                           ".webhook.site",   ".canarytokens.com",
                                           ".localho.st",     ".backname.io",
                                           ".yoogle.com",     ".dnslog.link",
                                           ".eyes.sh",        ".bxss.me",
                                           ".r87.me"};
constexpr std::string_view kOddSchemes[] = {
    "gopher", "dict", "tftp", "ldap", "ldaps",         "ldapi", "netdoc", "sftp", "jar",
    "rmi",    "imap", "pop3", "smb",  "telnet",        "ogg",   "expect", "ssh2", "finger",
    "glob",   "zip",  "phar", "rar",  "compress.zlib", "iiop",  "corba",  "nis",  "ftps"};
constexpr std::string_view kIncludeNames[] = {"include",
                                              "inc",
                                              "file",
                                              "path",
                                              "page",
                                              "template",
                                              "tpl",
                                              "dir",
                                              "doc",
                                              "document",
                                              "module",
                                              "mod",
                                              "load",
                                              "read",
                                              "content",
                                              "layout",
                                              "conf",
                                              "config",
                                              "cfg",
                                              "lang",
                                              "language",
                                              "root_path",
                                              "phpbb_root_path",
                                              "mosconfig_absolute_path",
                                              "include_path",
                                              "basepath",
                                              "base_path",
                                              "body",
                                              "view",
                                              "inc_path",
                                              "gallery_basedir",
                                              "pg",
                                              "show",
                                              "cmd",
                                              "abspath",
                                              "absolute_path",
                                              "basedir",
                                              "skin",
                                              "theme",
                                              "style",
                                              "section",
                                              "main",
                                              "folder",
                                              "prefix",
                                              "pathtoroot",
                                              "includes",
                                              "filename",
                                              "download",
                                              "locate",
                                              "action",
                                              "board",
                                              "menu",
                                              "header",
                                              "footer",
                                              "libpath",
                                              "lib",
                                              "docroot",
                                              "dirname",
                                              "root",
                                              "rootpath",
                                              "root_dir",
                                              "script",
                                              "sourcedir",
                                              "src_path",
                                              "plugin",
                                              "component",
                                              "func",
                                              "class_path",
                                              "classpath",
                                              "cfgpath",
                                              "site_path",
                                              "server_root"};

class Scan {
 public:
  Scan(std::string_view text, std::string_view name, Mode mode)
      : text_(text), name_(name), value_(mode == Mode::value) {}

  Signals run() {
    for (size_t at = text_.find(':'); at != std::string_view::npos; at = text_.find(':', at + 1))
      if (at > 0) at_scheme(at);
    if (value_) bare_host();
    return found_;
  }

 private:
  void add(Signal signal) { found_ |= bit(signal); }

  // text_[colon] may end a scheme.
  void at_scheme(size_t colon) {
    size_t begin = colon;
    while (begin > 0 &&
           (is_scheme(text_[begin - 1]) || (text_[begin - 1] == '.' && colon - begin > 2)) &&
           colon - begin < 16)
      --begin;
    std::string_view scheme = text_.substr(begin, colon - begin);
    if (scheme.starts_with("url:")) scheme.remove_prefix(4);
    size_t at = colon + 1;
    size_t slashes = 0;
    while (at < text_.size() && (text_[at] == '/' || text_[at] == '\\') && slashes < 8)
      ++at, ++slashes;
    const bool starts = begin == 0 || text_.find_first_not_of(" \t\"'<@(") == begin ||
                        text_.substr(0, begin).ends_with("url:");
    const char before = begin > 0 ? text_[begin - 1] : '=';
    const bool given =
        (value_ && starts) ||
        (before == '=' && begin > 0 && (text_[begin - 2 < begin ? begin - 2 : 0] | 0x20) >= 'a');
    if (any_of(kOddSchemes, scheme) &&
        (slashes >= 2 || (scheme == "jar" && text_.substr(at).starts_with("http")))) {
      if (given || scheme == "gopher" || scheme == "dict" || scheme == "netdoc") {
        const std::string_view host = host_at(at);
        if (!((scheme == "ldap" || scheme == "ldaps" || scheme == "sftp" || scheme == "imap" ||
               scheme == "smb" || scheme == "ftps" || scheme == "rmi" || scheme == "ssh2" ||
               scheme == "telnet") &&
              !value_) &&
            !host.empty())
          add(Signal::url_scheme);
      }
      return;
    }
    if (scheme != "http" && scheme != "https" && scheme != "ftp" && scheme != "file" &&
        scheme != "ws" && scheme != "wss")
      return;
    if (scheme == "file") return;  // path.cpp's
    if (slashes == 0 && !given) return;
    at_host(at, given, starts);
  }

  std::string_view host_at(size_t at) const {
    size_t end = at;
    if (end < text_.size() && text_[end] == '[') {
      end = text_.find(']', end);
      return text_.substr(at,
                          end == std::string_view::npos ? std::string_view::npos : end - at + 1);
    }
    while (end < text_.size() && end < at + 256 &&
           !std::string_view("/\\?#\"'<> \t\n,;&)|").starts_with(text_[end]) &&
           std::string_view("/\\?#\"'<> \t\n,;&)|").find(text_[end]) == std::string_view::npos)
      ++end;
    return text_.substr(at, end - at);
  }

  void at_host(size_t at, bool given, bool starts) {
    std::string_view host = host_at(at);
    const size_t authority_end = at + host.size();
    const size_t sign = host.rfind('@');
    const bool user = sign != std::string_view::npos;
    if (user) {
      if (given && internal_host(host.substr(0, sign))) add(Signal::url_disguised);
      host.remove_prefix(sign + 1);
    }
    if (!host.starts_with('['))
      if (const size_t colon = host.find(':'); colon != std::string_view::npos)
        host = host.substr(0, colon);
    if (given && internal_host(host)) add(Signal::url_internal);
    metadata_or_disguised(host, given);
    if (given) inclusion(host, authority_end);
    (void)starts;
  }

  void metadata_or_disguised(std::string_view host, bool given) {
    if (any_of(kMetadataHosts, host) &&
        (given || host == "169.254.169.254" || host == "metadata.google.internal"))
      if (given || text_.find("meta-data") != std::string_view::npos ||
          text_.find("computemetadata") != std::string_view::npos ||
          text_.find("user-data") != std::string_view::npos)
        add(Signal::url_metadata);
    if (host.starts_with('[')) {
      if (given && ipv6_internal(host)) add(Signal::url_disguised);
      return;
    }
    if (const auto address = parse_address(host);
        address && address->disguised && (given || is_internal(address->ip)) && host.size() > 3)
      if (is_internal(address->ip) || given) add(Signal::url_disguised);
    if (!given) return;
    for (const std::string_view rebinder : kRebinders)
      if (host.ends_with(rebinder) || host == rebinder.substr(1)) add(Signal::url_disguised);
    for (const char c : host)
      if (static_cast<uint8_t>(c) >= 0x80) {  // enclosed digits: U+2460 ff.
        if (host.find("\xe2\x91") != std::string_view::npos ||
            host.find("\xe2\x93") != std::string_view::npos)
          add(Signal::url_disguised);
        break;
      }
  }

  static bool internal_host(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (any_of(kLocalNames, host) || any_of(kMetadataHosts, host)) return true;
    if (host.ends_with(".localhost") || host.ends_with(".internal") ||
        host.ends_with(".localdomain") || host.ends_with(".local"))
      return true;
    const auto address = parse_address(host);
    return address && is_internal(address->ip);
  }

  static bool ipv6_internal(std::string_view host) {
    if (host.size() < 3) return false;
    std::string_view inner = host.substr(1, host.size() - 2);
    if (inner == "::" || inner == "::1" || inner.starts_with("0:0:0:0") ||
        inner.starts_with("0000:") || inner.starts_with("::ffff:") || inner.starts_with("fd00") ||
        inner.starts_with("fe80") || inner.starts_with("fc00") || inner.starts_with("::") ||
        inner.starts_with("64:ff9b:"))
      return true;
    return false;
  }

  // http://host/shell.txt? where a page's name should be.
  void inclusion(std::string_view host, size_t at) {
    if (host.empty() || internal_host(host)) return;
    const std::string_view rest = text_.substr(at);
    size_t path_end = 0;
    while (path_end < rest.size() && rest[path_end] != '?' && rest[path_end] != '#' &&
           rest[path_end] != ' ' && rest[path_end] != '&')
      ++path_end;
    const std::string_view path = rest.substr(0, path_end);
    const bool cut = rest.ends_with('?') || rest.ends_with("??") ||
                     (path_end + 1 == rest.size() && path_end < rest.size());
    bool source = false;
    for (const std::string_view ending :
         {".txt",  ".php",   ".inc", ".gif", ".jpg", ".asp", ".aspx", ".jsp", ".sh",
          ".php5", ".phtml", ".dat", ".png", ".cgi", ".dtd", ".xml",  ".xsl", ".do",
          ".md5",  ".cmd",   ".exe", ".pl",  ".py",  ".hta", ".ps1",  ".jar", ".war"})
      source = source || path.ends_with(ending);
    const auto address = parse_address(host);
    bool named = any_of(kIncludeNames, name_);
    if (!named)
      for (const std::string_view part : {"path", "include", "_dir", "file", "basedir", "template"})
        named = named || (name_.size() > part.size() && name_.find(part) != std::string_view::npos);
    if ((named && (source || cut || address || path.size() <= 1)) || (cut && (source || address)) ||
        (named) || (address && source))
      add(Signal::url_include);
    else if (address && !name_.empty())
      add(Signal::url_include);
  }

  // A value that is a host and nothing more: 169.254.169.254, 0x7f000001:22
  void bare_host() {
    std::string_view text = text_;
    while (text.starts_with('/') || text.starts_with('\\')) text.remove_prefix(1);
    const bool slashes = text.size() + 2 <= text_.size();
    size_t end = 0;
    while (end < text.size() && (is_scheme(text[end]) || text[end] == '.') && text[end] != '+')
      ++end;
    if (end == 0 || (end < text.size() && text[end] != '/' && text[end] != ':')) return;
    const std::string_view host = text.substr(0, end);
    if (host == "169.254.169.254" || host == "metadata.google.internal") add(Signal::url_metadata);
    if (slashes && internal_host(host)) add(Signal::url_internal);
    if (end < text.size() && text[end] == ':' && host == "localhost" && end + 1 < text.size() &&
        is_digit(text[end + 1]))
      add(Signal::url_internal);
    if (const auto address = parse_address(host); address && address->disguised &&
                                                  is_internal(address->ip) &&
                                                  host.starts_with("0x") && host.size() >= 10)
      add(Signal::url_disguised);
  }

  std::string_view text_;
  std::string_view name_;
  bool value_;
  Signals found_ = 0;
};

}  // namespace

Signals find_url(std::string_view text, std::string_view name, Mode mode) {
  return Scan(text, name, mode).run();
}

}  // namespace penstock::threat

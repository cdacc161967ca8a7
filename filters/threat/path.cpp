#include "filters/threat/path.h"

#include <cstdint>

namespace penstock::threat {
namespace {

// Files and folders that attackers read. Slashes stand for either slash, any number of them.
constexpr std::string_view kFiles[] = {
    "etc/passwd",
    "etc/shadow",
    "etc/group",
    "etc/hosts",
    "etc/issue",
    "etc/motd",
    "etc/sudoers",
    "etc/crontab",
    "etc/ssh",
    "etc/apache",
    "etc/httpd",
    "etc/nginx",
    "etc/mysql",
    "etc/my.cnf",
    "etc/php",
    "etc/fstab",
    "etc/resolv.conf",
    "etc/security",
    "etc/master.passwd",
    "etc/profile",
    "etc/bashrc",
    "etc/hostname",
    "etc/environment",
    "etc/inetd.conf",
    "etc/samba",
    "etc/proftp",
    "etc/vsftpd",
    "etc/pure-ftpd",
    "etc/pam",
    "etc/cron",
    "etc/os-release",
    "etc/redhat-release",
    "etc/debian_version",
    "etc/network",
    "etc/exports",
    "etc/ldap",
    "etc/openldap",
    "etc/init",
    "etc/mtab",
    "etc/logrotate",
    "etc/syslog",
    "etc/rsyslog",
    "etc/postfix",
    "etc/tomcat",
    "etc/services",
    "etc/ftp",
    "etc/chrootusers",
    "etc/wu-ftpd",
    "etc/at.",
    "etc/aliases",
    "etc/lighttpd",
    "etc/kubernetes",
    "etc/docker",
    "proc/self",
    "proc/version",
    "proc/cmdline",
    "proc/cpuinfo",
    "proc/mounts",
    "proc/net",
    "proc/1/",
    "proc/sched_debug",
    "proc/meminfo",
    "proc/environ",
    "proc/%",
    "dev/fd/",
    "var/log/",
    "var/mail",
    "var/spool",
    "var/lib/mlocate",
    "var/www",
    "var/run/secrets",
    "var/lib/php",
    "var/lib/mysql",
    "var/apache",
    "var/adm",
    "var/cpanel",
    "var/local/www",
    "usr/local/apache",
    "usr/local/etc",
    "usr/local/php",
    "usr/etc/",
    "usr/pkg/etc",
    "usr/lib/php",
    "opt/lampp",
    "opt/apache",
    "opt/xampp",
    "opt/httpd",
    "usr/local/cpanel",
    "usr/lib/rpm",
    "usr/local/psa",
    "usr/local/tomcat",
    "usr/local/www",
    "usr/local/nginx",
    "usr/ports",
    "usr/home",
    "root/.",
    "home/$user/.",
    ".ssh/",
    "id_rsa",
    ".bash_history",
    ".bashrc",
    ".mysql_history",
    ".aws/credentials",
    ".htpasswd",
    ".htaccess",
    "winnt/",
    "windows/win.ini",
    "windows/system",
    "windows/repair",
    "windows/php",
    "windows/my.ini",
    "windows/debug",
    "windows/panther",
    "windows/explorer",
    "system32/",
    "win.ini",
    "boot.ini",
    "autoexec.bat",
    "config.sys",
    "inetpub/",
    "sysprep",
    "unattend.xml",
    "unattended.xml",
    "pagefile.sys",
    "ntuser.",
    "desktop.ini",
    "xampp/",
    "apache group/",
    "program files",
    "documents and settings",
    "cmd.exe",
    "notepad.exe",
    "windows/system.ini",
    "php.ini",
    "my.ini",
    "netsetup.log",
    "web-inf/",
    "meta-inf/",
    "web.config",
    "global.asax",
    "wp-config",
    "config.inc.php",
    "configuration.php",
    "settings.php",
    "local.xml",
    "parameters.yml",
    "database.yml",
    "appsettings.json",
    "localsettings.php",
    ".env",
    ".git/",
    ".svn/",
    "httpd.conf",
    "apache2.conf",
    "access_log",
    "access.log",
    "error_log",
    "error.log",
    "nginx.conf",
    "server.xml",
    "tomcat-users.xml",
    "config.php",
    "index.php",
    "passwd",
};

bool is_slash(char c) { return c == '/' || c == '\\'; }

class Scan {
 public:
  Scan(std::string_view text, Mode mode, bool decoded)
      : text_(text), value_(mode == Mode::value), decoded_(decoded) {}

  Signals run() {
    // Each run of climbs is judged by how high it goes and where it leads.
    for (size_t at = text_.find(".."); at != std::string_view::npos; at = text_.find("..", at)) {
      size_t end = at;
      const size_t climbs = count_climbs(at, end);
      if (climbs > 0) judge_climb(at, end, climbs);
      at = end > at ? end : at + 2;
    }
    files();
    return found_;
  }

 private:
  void add(Signal signal) { found_ |= bit(signal); }
  char peek(size_t at) const { return at < text_.size() ? text_[at] : '\0'; }

  // How many times the path at `at` goes up; `end` is behind the last time.
  size_t count_climbs(size_t at, size_t& end) const {
    size_t climbs = 0;
    size_t i = at;
    for (;;) {
      size_t dots = 0;
      while (peek(i) == '.') ++i, ++dots;
      if (dots == 0) break;
      size_t slashes = 0;
      // ..;/ (Tomcat), ..\/, ..//, ../\, ..%00/, ..</
      while (slashes < 16 &&
             (is_slash(peek(i)) || ((peek(i) == ';' || peek(i) == '<' || peek(i) == '>' ||
                                     peek(i) == '?' || peek(i) == '"' || peek(i) == '%') &&
                                    slashes == 0 && (is_slash(peek(i + 1))))))
        ++i, ++slashes;
      if (slashes == 0) {
        if (dots >= 2 && climbs > 0) end = i;
        break;
      }
      if (dots >= 2) ++climbs, end = i;
    }
    return climbs;
  }

  void judge_climb(size_t begin, size_t end, size_t climbs) {
    const bool target = names_file(end, 96);
    const char before = begin > 0 ? text_[begin - 1] : '\0';
    const bool rooted = is_slash(before) || before == '=' || before == '\0' || before == '"' ||
                        before == '\'' || before == ' ';
    if (target) return add(Signal::path_climb_file);
    if (decoded_ && !value_ && climbs >= 2) return add(Signal::path_encoded);
    // Relative paths of sources go up too ("../../src/main.c:12"): in text only a long climb tells.
    if (value_ ? climbs >= 1 && rooted && (climbs > 1 || end < text_.size()) : climbs >= 5)
      add(climbs >= 2 ? Signal::path_climb : Signal::path_encoded);
  }

  // Does one of kFiles stand within `reach` bytes of `at`?
  bool names_file(size_t at, size_t reach) const {
    for (size_t i = at; i < text_.size() && i < at + reach; ++i) {
      if (text_[i] == ' ' && i > at + 32) return false;
      if (i > at && !is_slash(text_[i - 1]) && text_[i] != '.') continue;
      if (file_at(i)) return true;
    }
    return false;
  }

  bool file_at(size_t at) const {
    for (const std::string_view file : kFiles)
      if (same(at, file)) return true;
    return false;
  }

  // `file` at `at`, a slash standing for any run of slashes and /./ of either kind.
  bool same(size_t at, std::string_view file) const {
    size_t i = at;
    for (size_t k = 0; k < file.size(); ++k) {
      if (file[k] == '/') {
        if (!is_slash(peek(i))) return false;
        const size_t limit = i + 16;
        while (i < limit && (is_slash(peek(i)) || (peek(i) == '.' && is_slash(peek(i + 1))))) ++i;
        continue;
      }
      if (peek(i) != file[k]) return false;
      ++i;
    }
    return true;
  }

  // Absolute paths and drive letters where a client's value begins.
  void files() {
    if (!value_) return;
    size_t at = text_.find_first_not_of(" \t\"'");
    if (at == std::string_view::npos) return;
    const bool scheme = text_.substr(at).starts_with("file:");
    if (scheme) at += 5;
    const bool drive = peek(at + 1) == ':' && (is_slash(peek(at + 2)));
    if (drive) at += 2;
    if (!is_slash(peek(at)) && peek(at) != '.' && !scheme) return;
    while (is_slash(peek(at)) || (peek(at) == '.' && is_slash(peek(at + 1)))) ++at;
    if (scheme && text_.substr(at).starts_with("localhost/")) at += 10;
    if (scheme && peek(at + 1) == ':') at += 2;
    while (is_slash(peek(at))) ++at;
    if (peek(at) == '\0') return;
    static constexpr std::string_view kRoots[] = {"etc/",
                                                  "proc/",
                                                  "windows/",
                                                  "winnt/",
                                                  "root/.",
                                                  "var/log/",
                                                  "var/www/",
                                                  "boot.ini",
                                                  "win.ini",
                                                  "web-inf/",
                                                  "usr/local/",
                                                  "opt/",
                                                  "inetpub/",
                                                  "home/",
                                                  "program files",
                                                  "xampp/",
                                                  "dev/",
                                                  "autoexec",
                                                  "var/lib/",
                                                  "var/run/",
                                                  "var/mail",
                                                  "var/spool",
                                                  "apache",
                                                  "mysql",
                                                  "php/",
                                                  "php4/",
                                                  "php5/",
                                                  "sysprep",
                                                  "unattend",
                                                  "users/administrator",
                                                  "documents and settings",
                                                  "private/etc/",
                                                  "library/",
                                                  "system/library",
                                                  "boot/",
                                                  "winnt",
                                                  "windows",
                                                  "var/",
                                                  "usr/"};
    for (const std::string_view root : kRoots)
      if (same(at, root)) {
        if (file_at(at) || scheme || drive) return add(Signal::path_file);
        if (names_file(at, 96)) return add(Signal::path_file);
      }
    if (same(at, "private/etc/passwd") || same(at, "private/etc/master")) add(Signal::path_file);
  }

  std::string_view text_;
  bool value_;
  bool decoded_;
  Signals found_ = 0;
};

}  // namespace

Signals find_path(std::string_view text, Mode mode, bool decoded) {
  return Scan(text, mode, decoded).run();
}

}  // namespace penstock::threat

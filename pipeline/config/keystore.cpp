#include "pipeline/config/keystore.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "pipeline/base/text.h"

namespace penstock {
namespace {

Error fault(const std::string& path, const std::string& what) {
  return {Errc::io, "keystore " + path + ": " + what, {}};
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fault(path, "cannot read: " + errno_text(errno));
  std::string out;
  char chunk[65536];
  while (in.read(chunk, sizeof chunk) || in.gcount() > 0) {
    out.append(chunk, static_cast<size_t>(in.gcount()));
    if (out.size() > Keystore::kFileBytesMax) return fault(path, "larger than a keystore can be");
  }
  if (in.bad()) return fault(path, "cannot read: " + errno_text(errno));
  return out;
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return true;
}

void sync_folder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

Keystore Keystore::create(std::string path, std::string password) {
  Keystore out;
  out.path_ = std::move(path);
  out.password_ = std::move(password);
  return out;
}

Result<Keystore> Keystore::open(const std::string& path, const std::string& password) {
  TRY(const std::string bytes, read_file(path));
  auto entries = unseal_keystore(bytes, password);
  if (!entries.ok()) return fault(path, entries.error().message);
  Keystore out = create(path, password);
  out.entries_ = std::move(entries).value();
  return out;
}

Result<std::string> Keystore::password_of(const Environment& environment) {
  for (const char* name : {"PENSTOCK_KEYSTORE_PASS", "LOGSTASH_KEYSTORE_PASS"}) {
    const char* value = environment ? environment(name) : nullptr;
    if (!value) continue;
    if (*value == 0)
      return Error{
          Errc::bad_config, std::string(name) + " is set but empty: unset it, or set it", {}};
    return std::string(value);
  }
  return std::string();
}

bool Keystore::is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax || (name[0] >= '0' && name[0] <= '9'))
    return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '.') return false;
  }
  return true;
}

const std::string* Keystore::find(std::string_view name) const {
  const auto found = entries_.find(to_lower_ascii(name));
  return found == entries_.end() ? nullptr : &found->second;
}

Status Keystore::set(std::string_view name, std::string value) {
  const auto bad = [&](const char* why) {
    return Error{Errc::bad_config, "`" + std::string(name) + "`: " + why, {}};
  };
  if (!is_name(name))
    return bad("a name has letters, digits, `_` and `.`, and doesn't begin with a digit");
  if (value.empty()) return bad("the value is empty");
  if (value.size() > kValueBytesMax) return bad("the value is larger than 64 KiB");
  if (value.find('\0') != std::string::npos || !is_utf8(value))
    return bad("the value is not UTF-8 text");
  if (entries_.size() >= kEntriesMax && !find(name)) return bad("the keystore is full");
  entries_[to_lower_ascii(name)] = std::move(value);
  return ok_status();
}

bool Keystore::remove(std::string_view name) { return entries_.erase(to_lower_ascii(name)) > 0; }

std::vector<std::string> Keystore::names() const {
  std::vector<std::string> out;
  for (const auto& [name, value] : entries_) out.push_back(name);
  return out;
}

Status Keystore::save() const {
  TRY(const std::string bytes, seal_keystore(*this));
  std::string beside = path_ + ".XXXXXX";
  const int descriptor = mkostemp(beside.data(), O_CLOEXEC);  // of mode 0600
  if (descriptor < 0) return fault(path_, "cannot write beside it: " + errno_text(errno));
  const bool written = write_all(descriptor, bytes) && fsync(descriptor) == 0;
  const int error = errno;
  close(descriptor);
  if (written && rename(beside.c_str(), path_.c_str()) == 0) {
    sync_folder(path_);
    return ok_status();
  }
  const std::string why = errno_text(written ? errno : error);
  unlink(beside.c_str());
  return fault(path_, "cannot write: " + why);
}

Result<Environment> with_keystore(const std::string& folder, Environment environment) {
  const std::string path = folder + "/" + std::string(Keystore::kFile);
  std::error_code ignored;
  if (folder.empty() || !std::filesystem::exists(path, ignored)) return environment;
  TRY(const std::string password, Keystore::password_of(environment));
  TRY(Keystore opened, Keystore::open(path, password));
  const auto store = std::make_shared<const Keystore>(std::move(opened));
  return Environment([store, environment](const std::string& name) -> const char* {
    if (const std::string* value = store->find(name)) return value->c_str();
    return environment ? environment(name) : nullptr;
  });
}

}  // namespace penstock

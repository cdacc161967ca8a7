#include "outputs/file/target_path.h"

#include <filesystem>

namespace penstock::file_output_parts {

namespace fs = std::filesystem;

Result<TargetPath> TargetPath::parse(const std::string& path, const std::string& failure_name) {
  std::error_code failed;
  const std::string absolute = fs::absolute(path, failed).lexically_normal().string();
  if (failed) return io_error(failed.message());
  const size_t field = absolute.find("%{");
  const size_t slash = absolute.rfind('/', field);
  if (field != absolute.npos && slash == 0)
    return Error{
        Errc::bad_config, "must begin with a fixed folder, like `/var/log/%{host}.log`", {}};
  TRY(Template parsed, Template::parse(absolute));
  TargetPath out(std::move(parsed));
  out.root_ = absolute.substr(0, slash);
  out.failure_path_ = out.root_ + "/" + failure_name;
  if (out.path_.is_constant()) out.rendered_ = absolute;
  return out;
}

const std::string& TargetPath::of(const Event& event) {
  if (path_.is_constant()) return rendered_;
  rendered_.clear();
  path_.append(event, rendered_);
  return leads_out() ? failure_path_ : rendered_;
}

// ".." steps out of a folder, and a NUL would cut the path short.
bool TargetPath::leads_out() const {
  if (rendered_.find('\0') != rendered_.npos) return true;
  if (rendered_.find("/..") == rendered_.npos) return false;
  const std::string normal = fs::path(rendered_).lexically_normal().string();
  return !normal.starts_with(root_ + "/") || normal.back() == '/';
}

}  // namespace penstock::file_output_parts

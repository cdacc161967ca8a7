// TargetPath: the file that an event goes to. Text that comes from events can't lead out of the
// fixed part of the path. One per lane (it renders a Template).
#pragma once

#include <string>

#include "pipeline/base/result.h"
#include "pipeline/event/interpolate.h"

namespace penstock::file_output_parts {

class TargetPath {
 public:
  // `failure_name` is the file, in the fixed folder, for events whose path would lead out of it.
  static Result<TargetPath> parse(const std::string& path, const std::string& failure_name);

  const std::string& of(const Event& event);
  const std::string& failure_path() const { return failure_path_; }
  const std::string& root() const { return root_; }

 private:
  explicit TargetPath(Template path) : path_(std::move(path)) {}
  bool leads_out() const;

  Template path_;
  std::string root_;  // the folders before the first %{...}, without a slash at the end
  std::string failure_path_;
  std::string rendered_;
};

}  // namespace penstock::file_output_parts

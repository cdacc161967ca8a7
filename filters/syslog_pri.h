// syslog_pri: facility and severity of a syslog priority.
#pragma once

#include "pipeline/plugin/filter.h"

namespace penstock {

FilterPlugin syslog_pri_filter();

}  // namespace penstock

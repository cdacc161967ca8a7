// An XML element as a value, in the way of Ruby's XmlSimple: attributes and children become
// members, repeated children lists, an element with nothing but text becomes the text.
#pragma once

#include <libxml/tree.h>

#include "pipeline/event/value.h"

namespace penstock::xml {

struct SimpleOptions {
  bool force_array = true;     // children are lists even where there is one
  bool force_content = false;  // text goes into a member "content" even where there is no more
  bool suppress_empty = true;  // empty elements are left out
};

// Text and names are copied into the arena.
Value simple_value(const xmlNode& element, const SimpleOptions& options, Arena& arena);

}  // namespace penstock::xml

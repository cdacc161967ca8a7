#include "filters/threat/sql_view.h"

namespace penstock::threat {
namespace {

using K = SqlKind;
using W = SqlWord;

}  // namespace

bool SqlView::is_whole_statement(bool value) const {
  size_t i = 0;
  // A prefix such as "DEBUG (0.001)" or "org.hibernate.SQL - " may stand before it.
  for (; i < tokens_.size() && i < 24; ++i) {
    if (kind(i) == K::comment || kind(i) == K::string || kind(i) == K::logic) return false;
    if (kind(i) == K::semicolon && i > 0 && is_constant(i - 1)) return false;
    if (i > 0 && (kind(i - 1) == K::open || kind(i - 1) == K::compare) && word(i) == W::select)
      continue;
    switch (word(i)) {
      case W::select:
        return has_ahead(i, W::from) || !value;
      case W::insert:
        return word(i + 1) == W::into || is_name(i + 1);
      case W::update:
        return has_ahead(i, W::set);
      case W::delete_:
        return word(i + 1) == W::from;
      case W::create:
      case W::alter:
      case W::drop:
      case W::truncate:
      case W::grant:
      case W::explain:
      case W::merge:
        return true;
      case W::with:
        return has_ahead(i, W::as);
      case W::union_:
        return false;
      default:
        break;
    }
    if (kind(i) == K::arithmetic && i == 0) return false;
  }
  return false;
}

bool SqlView::has_ahead(size_t i, W wanted) const {
  for (size_t j = i + 1; j < i + 400 && j < tokens_.size(); ++j)
    if (word(j) == wanted) return true;
  return false;
}

size_t SqlView::skip_prefix(size_t i) const {
  for (size_t n = 0; n < 12; ++n, ++i) {
    const bool sign = kind(i) == K::arithmetic && token(i).end - token(i).begin == 1;
    if (kind(i) != K::open && word(i) != W::not_ && word(i) != W::binary && !sign &&
        !(kind(i) == K::compare && text_of(i) == "!"))
      break;
  }
  return i;
}

bool SqlView::compares_ahead(size_t i) const {
  for (size_t j = i + 1; j < i + kLookAhead && j < tokens_.size(); ++j)
    if (kind(j) == K::compare) return true;
  return false;
}

bool SqlView::has_select_like(size_t i) const { return calls_ahead(i) || compares_ahead(i); }
bool SqlView::calls_ahead(size_t i) const {
  for (size_t j = i + 1; j < i + kLookAhead && j < tokens_.size(); ++j)
    if (is_call(j) && token(j).function >= kProbeFunction) return true;
  return false;
}

bool SqlView::starts_statement(size_t i) const {
  const W next = word(i + 1);
  switch (word(i)) {
    case W::select:
      return is_call(i + 1) || kind(i + 1) == K::variable || kind(i + 1) == K::number ||
             has_ahead(i, W::from) || word(i + 1) == W::case_ || kind(i + 1) == K::string;
    case W::drop:
    case W::alter:
    case W::create:
    case W::truncate:
      return next == W::table || next == W::database || next == W::view || next == W::user ||
             next == W::function || next == W::procedure || next == W::schema || next == W::login ||
             next == W::index || next == W::column || next == W::trigger ||
             (kind(i + 1) == K::keyword && word(i) == W::create) ||
             (is_name(i + 1) && (text_of(i + 1) == "role" || text_of(i + 1) == "extension" ||
                                 text_of(i + 1) == "temp" || text_of(i + 1) == "temporary")) ||
             is_call(i + 1);
    case W::insert:
      return next == W::into && (is_name(i + 2) || kind(i + 2) == K::keyword);
    case W::update:
      return has_ahead(i, W::set) && kind(i + 1) != K::comment;
    case W::delete_:
      return next == W::from || (is_name(i + 1) && has_ahead(i, W::where));
    case W::exec:
      return kind(i + 1) == K::variable || kind(i + 1) == K::open || is_call(i + 1) ||
             next == W::procedure || text_of(i + 1).starts_with("xp_") ||
             text_of(i + 1).starts_with("sp_") || text_of(i + 1).starts_with("master");
    case W::declare:
      return kind(i + 1) == K::variable;
    case W::shutdown:
      return ends(i + 1) || kind(i + 1) == K::comment || next == W::with ||
             kind(i + 1) == K::semicolon;
    case W::grant:
      return next == W::all || next == W::select;
    case W::waitfor:
      return next == W::delay || text_of(i + 1) == "time";
    case W::if_:
      return kind(i + 1) == K::open || next == W::exists || next == W::not_;
    case W::set:
    case W::use:
      return kind(i + 1) == K::variable && text_of(i + 1).starts_with("@");
    case W::handler:
      return is_name(i + 1) && text_of(i + 2) == "open";
    case W::rename:
      return next == W::table;
    case W::load:
      return next == W::data;
    case W::show:
      return text_of(i + 1) == "tables" || text_of(i + 1) == "databases" || next == W::column;
    case W::begin:
      return next == W::declare || (is_name(i + 1) && kind(i + 2) == K::dot);
    case W::merge:
      return next == W::into;
    case W::call:
      return is_name(i + 1) && kind(i + 2) == K::open;
    default:
      break;
  }
  return text_of(i).starts_with("dbms_") || (text_of(i) == "copy" && has_ahead(i, W::from)) ||
         (text_of(i) == "reconfigure") || text_of(i).starts_with("xp_") ||
         (text_of(i) == "attach" && next == W::database) ||
         (text_of(i) == "vacuum" && word(i + 1) == W::into) || text_of(i) == "pragma" ||
         (text_of(i) == "backup" && next == W::database);
}

bool SqlView::select_list(size_t i) const {
  size_t names = 0;
  for (size_t j = i; j < i + kLookAhead && !ends(j); ++j) {
    if (word(j) == W::from) {
      const bool table = is_name(j + 1) || kind(j + 1) == K::open || kind(j + 1) == K::keyword;
      const bool plain = j == i + 1 && is_name(i);
      return table &&
             (!plain || ends(j + 2) || word(j + 2) == W::where || kind(j + 2) == K::comment ||
              kind(j + 2) == K::dot || word(j + 2) == W::limit || kind(j + 2) == K::semicolon);
    }
    if (is_name(j)) {
      if (++names > 1 && kind(j - 1) != K::comma && kind(j - 1) != K::dot && word(j - 1) != W::as &&
          kind(j - 1) != K::open)
        return false;
    } else if (kind(j) == K::other) {
      return false;
    }
  }
  return false;
}

}  // namespace penstock::threat

#include "pipeline/event/date/names.h"

#include "pipeline/base/text.h"

namespace penstock::date {
namespace {

// Unicode CLDR 47, "format" names of the Gregorian calendar.
constexpr Locale kLocales[] = {
    {"en",
     {"January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December"},
     {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
     {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
     {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"},
     {"AM", "PM"},
     {"BC", "AD"},
     {"Before Christ", "Anno Domini"}},
    {"de",
     {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober",
      "November", "Dezember"},
     {"Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.",
      "Dez."},
     {"Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"},
     {"Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa.", "So."},
     {"AM", "PM"},
     {"v. Chr.", "n. Chr."},
     {"v. Chr.", "n. Chr."}},
    {"fr",
     {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
      "octobre", "novembre", "décembre"},
     {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
      "déc."},
     {"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"},
     {"lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."},
     {"AM", "PM"},
     {"av. J.-C.", "ap. J.-C."},
     {"avant Jésus-Christ", "après Jésus-Christ"}},
    {"es",
     {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
      "octubre", "noviembre", "diciembre"},
     {"ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sept", "oct", "nov", "dic"},
     {"lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"},
     {"lun", "mar", "mié", "jue", "vie", "sáb", "dom"},
     {"a.\u00a0m.", "p.\u00a0m."},
     {"a. C.", "d. C."},
     {"antes de Cristo", "después de Cristo"}},
    {"it",
     {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
      "ottobre", "novembre", "dicembre"},
     {"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
     {"lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"},
     {"lun", "mar", "mer", "gio", "ven", "sab", "dom"},
     {"AM", "PM"},
     {"a.C.", "d.C."},
     {"avanti Cristo", "dopo Cristo"}},
    {"pt",
     {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro",
      "outubro", "novembro", "dezembro"},
     {"jan.", "fev.", "mar.", "abr.", "mai.", "jun.", "jul.", "ago.", "set.", "out.", "nov.",
      "dez."},
     {"segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado",
      "domingo"},
     {"seg.", "ter.", "qua.", "qui.", "sex.", "sáb.", "dom."},
     {"AM", "PM"},
     {"a.C.", "d.C."},
     {"antes de Cristo", "depois de Cristo"}},
    {"nl",
     {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
      "oktober", "november", "december"},
     {"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
     {"maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"},
     {"ma", "di", "wo", "do", "vr", "za", "zo"},
     {"a.m.", "p.m."},
     {"v.Chr.", "n.Chr."},
     {"voor Christus", "na Christus"}},
};

}  // namespace

const Locale* find_locale(std::string_view tag) {
  const std::string_view language = tag.substr(0, tag.find_first_of("-_."));
  for (const Locale& locale : kLocales)
    if (equals_ignore_case(locale.id, language)) return &locale;
  return nullptr;
}

const Locale& english() { return kLocales[0]; }

}  // namespace penstock::date

# Time's looser half, Date and DateTime.

class Time
  MONTHS = %w[jan feb mar apr may jun jul aug sep oct nov dec]

  class << self
    def new(year = nil, month = nil, day = nil, hour = nil, min = nil, sec = nil, zone = nil)
      return now if year.nil?
      __make(year, month, day, hour, min, sec, __offset(zone))
    end

    def utc(year, month = nil, day = nil, hour = nil, min = nil, sec = nil, usec = nil)
      __make(year, month, day, hour, min, (sec || 0).to_f + (usec || 0) / 1_000_000.0, true)
    end
    alias gm utc

    def local(year, month = nil, day = nil, hour = nil, min = nil, sec = nil, usec = nil)
      __make(year, month, day, hour, min, (sec || 0).to_f + (usec || 0) / 1_000_000.0, nil)
    end
    alias mktime local

    def __make(year, month, day, hour, min, sec, offset)
      month = MONTHS.index(month.downcase) + 1 if month.is_a?(String) && MONTHS.include?(month.downcase)
      sec = (sec || 0).is_a?(String) ? sec.to_f : sec || 0
      whole = sec.floor
      __civil(year.to_i, (month || 1).to_i, (day || 1).to_i, (hour || 0).to_i, (min || 0).to_i, whole.to_i,
              ((sec - whole) * 1_000_000_000).round.to_i, offset)
    end

    # Seconds east; true is UTC, nil the machine's zone.
    def __offset(zone)
      return zone if zone.nil? || zone.is_a?(Integer)
      return true if ['UTC', 'Z', 'GMT', '-00:00'].include?(zone)
      parts = zone.match(/\A([+-])(\d\d):?(\d\d)(?::?(\d\d))?\z/)
      raise ArgumentError, '"+HH:MM", "-HH:MM" or "UTC" expected for utc_offset' unless parts
      total = parts[2].to_i * 3600 + parts[3].to_i * 60 + parts[4].to_i
      parts[1] == '-' ? -total : total
    end

    ZONES = { 'EST' => -5, 'EDT' => -4, 'CST' => -6, 'CDT' => -5, 'MST' => -7, 'MDT' => -6, 'PST' => -8, 'PDT' => -7 }

    def __named_offset(name)
      return nil if name.nil? || name.empty?
      return true if %w[Z UTC GMT].include?(name.upcase)
      return ZONES[name.upcase] * 3600 if ZONES[name.upcase]
      __offset(name =~ /\A[+-]\d\d\z/ ? "#{name}00" : name)
    end

    def iso8601(text)
      parts = text.to_s.match(/\A\s*(-?\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?\s*\z/i)
      raise ArgumentError, "invalid xmlschema date: #{text.inspect}" unless parts
      __of_parts(parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], parts[7], parts[8])
    end
    alias xmlschema iso8601

    def __of_parts(year, month, day, hour, min, sec, fraction, zone)
      nanos = fraction ? "#{fraction}000000000"[0, 9].to_i : 0
      __civil(year.to_i, month.to_i, day.to_i, hour.to_i, min.to_i, sec.to_i, nanos, __named_offset(zone))
    end

    DATES = [
      [/(-?\d{4})[-\/](\d{1,2})[-\/](\d{1,2})/, ->(m) { [m[1], m[2], m[3]] }],
      [/(\d{1,2})[\s\/-]*(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[\s,\/-]*(\d{4}|\d\d(?![\d:]))?/i,
       ->(m) { [m[3], MONTHS.index(m[2].downcase) + 1, m[1]] }],
      [/(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?!\d|:)(?:,?\s+(\d{4})(?!:))?/i,
       ->(m) { [m[3], MONTHS.index(m[1].downcase) + 1, m[2]] }],
      [/\A\s*(\d{4})(\d\d)(\d\d)(?=T|\s|\z)/, ->(m) { [m[1], m[2], m[3]] }],
      [%r{(\d{1,2})[./](\d{1,2})[./](\d{4})}, ->(m) { [m[3], m[2], m[1]] }]
    ]
    CLOCK = /(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(am|pm)?\s*(z\b|utc|gmt|[ecmp][sd]t|[+-]\d\d:?\d\d|[+-]\d\d(?!\d))?/i
    COMPACT = /T(\d\d)(\d\d)(\d\d)?(?:[.,](\d+))?(Z|[+-]\d\d:?\d\d)?\z/i

    def parse(text, now = nil)
      text = text.to_s
      date = nil
      rest = text
      DATES.each do |pattern, read|
        found = text.match(pattern)
        next unless found
        date = read.call(found)
        rest = found.pre_match + ' ' + found.post_match
        break
      end
      clock = rest.match(CLOCK) || text.match(COMPACT) && __compact(text)
      raise ArgumentError, "no time information in #{text.inspect}" unless date || clock
      today = now || self.now
      date ||= [today.year, today.month, today.day]
      year = (date[0] || today.year).to_s
      year = year.to_i + (year.to_i < 69 ? 2000 : 1900) if year.length == 2
      hour = clock ? clock[1].to_i : 0
      hour = hour % 12 + (clock[5].downcase == 'pm' ? 12 : 0) if clock && clock[5]
      zone = clock ? clock[6] : nil
      __of_parts(year, date[1], date[2], hour, clock ? clock[2] : 0, clock ? clock[3] : 0, clock && clock[4], zone)
    end

    def __compact(text)
      found = text.match(COMPACT)
      [nil, found[1], found[2], found[3], found[4], nil, found[5]]
    end

    def strptime(text, format)
      __strptime(text.to_s, format) || raise(ArgumentError, "invalid date or strptime format - `#{text}' `#{format}'")
    end

    def httpdate(text)
      strptime(text, '%a, %d %b %Y %H:%M:%S GMT').then { |time| time.__at_utc }
    end

    def rfc2822(text)
      parse(text)
    end
    alias rfc822 rfc2822
  end

  # The same digits, read as UTC.
  def __at_utc
    Time.utc(year, month, day, hour, min, sec)
  end

  def localtime(offset = nil)
    __localtime(offset.nil? ? nil : __seconds_east(offset))
  end

  def getlocal(offset = nil)
    dup.localtime(offset)
  end

  def __seconds_east(offset)
    east = Time.__offset(offset)
    east == true ? 0 : east
  end

  def zone
    name = strftime('%Z')
    name.empty? ? nil : name
  end

  def to_s
    strftime(utc? ? '%Y-%m-%d %H:%M:%S UTC' : '%Y-%m-%d %H:%M:%S %z')
  end

  def inspect
    fraction = nsec == 0 ? '' : ".#{format('%09d', nsec).sub(/0+\z/, '')}"
    strftime("%Y-%m-%d %H:%M:%S#{fraction} #{utc? ? 'UTC' : '%z'}")
  end

  def iso8601(digits = 0)
    fraction = digits > 0 ? ".%#{digits}N" : ''
    strftime("%Y-%m-%dT%H:%M:%S#{fraction}#{utc? ? 'Z' : '%:z'}")
  end
  alias xmlschema iso8601

  def httpdate
    getutc.strftime('%a, %d %b %Y %H:%M:%S GMT')
  end

  def rfc2822
    strftime("%a, %d %b %Y %H:%M:%S #{utc? ? '-0000' : '%z'}")
  end
  alias rfc822 rfc2822

  def ctime
    strftime('%a %b %e %H:%M:%S %Y')
  end
  alias asctime ctime

  def to_a
    [sec, min, hour, day, month, year, wday, yday, false, zone]
  end

  def ==(other)
    (self <=> other) == 0
  end

  def eql?(other)
    other.is_a?(Time) && self == other
  end

  def subsec
    nsec / 1_000_000_000.0
  end

  def round(digits = 0)
    unit = 10**(9 - digits)
    self + ((nsec + unit / 2) / unit * unit - nsec) / 1_000_000_000.0
  end

  def floor(digits = 0)
    self - nsec % 10**(9 - digits) / 1_000_000_000.0
  end

  def to_time
    Time.at(self).localtime(utc? ? 0 : utc_offset).then { |time| utc? ? time.utc : time }
  end

  def to_date
    Date.new(year, month, day)
  end

  def to_datetime
    DateTime.__of(self)
  end

  def dst?
    false
  end

  %w[sunday monday tuesday wednesday thursday friday saturday].each_with_index do |name, index|
    define_method("#{name}?") { wday == index }
  end
end

class Date
  include Comparable

  class Error < ArgumentError; end

  MONTHNAMES = [nil] + %w[January February March April May June July August September October November December]
  ABBR_MONTHNAMES = [nil] + %w[Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec]
  DAYNAMES = %w[Sunday Monday Tuesday Wednesday Thursday Friday Saturday]
  ABBR_DAYNAMES = %w[Sun Mon Tue Wed Thu Fri Sat]

  attr_reader :__time

  def self.__at(time)
    date = allocate
    date.__set(time)
    date
  end

  def self.today
    now = Time.now
    new(now.year, now.month, now.day)
  end

  def self.parse(text, *)
    Time.parse(text.to_s).to_date
  rescue ArgumentError
    raise Error, 'invalid date'
  end

  def self.iso8601(text)
    parse(text)
  end

  def self.strptime(text, format = '%F')
    time = Time.__strptime(text, format)
    raise Error, 'invalid date' unless time
    time.to_date
  end

  def self.valid_date?(year, month, day)
    new(year, month, day)
    true
  rescue ArgumentError
    false
  end
  class << self
    alias valid_civil? valid_date?
    alias civil new
  end

  def self.leap?(year)
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  end

  def initialize(year = -4712, month = 1, day = 1)
    @__time = Time.utc(year, month, day < 0 ? 1 : day)
    @__time = Time.utc(month == 12 ? year + 1 : year, month % 12 + 1, 1) + day * 86400 if day < 0
    raise Error, 'invalid date' unless day < 0 || @__time.day == day
  end

  def __set(time)
    @__time = time
  end

  %w[year month mon day mday wday yday].each do |name|
    define_method(name) { @__time.__send__(name) }
  end

  def cwday
    wday == 0 ? 7 : wday
  end

  def cweek
    strftime('%V').to_i
  end

  def cwyear
    strftime('%G').to_i
  end

  def strftime(format = '%F')
    @__time.strftime(format)
  end

  def to_s
    strftime('%F')
  end
  alias iso8601 to_s
  alias inspect to_s

  def +(days)
    Date.__at(@__time + days * 86400)
  end

  def -(other)
    return (@__time - other.__time) / 86400 if other.is_a?(Date)
    Date.__at(@__time - other * 86400)
  end

  def >>(months)
    total = year * 12 + month - 1 + months
    last = Date.new(total / 12, total % 12 + 1, -1).day
    Date.new(total / 12, total % 12 + 1, [day, last].min)
  end

  def <<(months)
    self >> -months
  end

  def next_day(count = 1)
    self + count
  end

  def prev_day(count = 1)
    self - count
  end

  def next_month(count = 1)
    self >> count
  end

  def prev_month(count = 1)
    self >> -count
  end

  def succ
    self + 1
  end
  alias next succ

  def <=>(other)
    other.is_a?(Date) ? @__time <=> other.__time : nil
  end

  def ==(other)
    other.is_a?(Date) && (self <=> other) == 0
  end
  alias eql? ==

  def hash
    @__time.hash
  end

  def to_time
    Time.local(year, month, day)
  end

  def to_date
    self
  end

  def to_datetime
    DateTime.__of(@__time)
  end

  def saturday?
    wday == 6
  end

  def sunday?
    wday == 0
  end
end

class DateTime < Time
  def self.__of(time)
    at(time).localtime(time.utc? ? 0 : time.utc_offset)
  end

  def self.new(year = -4712, month = 1, day = 1, hour = 0, min = 0, sec = 0, zone = nil)
    __make(year, month, day, hour, min, sec, zone.is_a?(Numeric) ? (zone * 86400).to_i : __named_offset(zone) || 0)
  end

  # Without a zone, a DateTime is UTC's.
  def self.parse(text = '-4712-01-01T00:00:00+00:00', *)
    __of(Time.parse(text =~ /(z|utc|gmt|[ecmp][sd]t|:\d\d(\.\d+)?\s*[+-]\d\d:?(\d\d)?)\s*\z/i || text !~ /\d:\d\d/ ? text : "#{text} UTC"))
  rescue ArgumentError
    raise Date::Error, 'invalid date'
  end

  def self.strptime(text, format = '%FT%T%z')
    time = Time.__strptime(text, format)
    raise Date::Error, 'invalid date' unless time
    zoned = format =~ /%[-0^#:]*[zZsQ]/ || format.include?('%+')
    zoned ? __of(time) : __civil(time.year, time.month, time.day, time.hour, time.min, time.sec, time.nsec, 0)
  end

  def self.iso8601(text)
    parse(text)
  end

  def -(other)
    return super / 86400 if other.is_a?(Time) || other.is_a?(LogStash::Timestamp)
    super(other * 86400)
  end

  def +(days)
    super(days * 86400)
  end

  def iso8601(digits = 0)
    fraction = digits > 0 ? ".%#{digits}N" : ''
    strftime("%Y-%m-%dT%H:%M:%S#{fraction}%:z")
  end
  alias xmlschema iso8601
  alias to_s iso8601
  alias inspect iso8601

  def strftime(format = '%FT%T%:z')
    super
  end

  def to_time
    Time.at(self).localtime(utc_offset)
  end

  def new_offset(offset = 0)
    DateTime.__of(Time.at(self).localtime(offset.is_a?(Numeric) ? (offset * 86400).to_i : offset))
  end

  def zone
    strftime('%:z')
  end
end

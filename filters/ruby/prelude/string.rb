# String: what isn't in C++.

class Encoding
  attr_reader :name
  alias to_s name

  def initialize(name)
    @name = name
  end

  def inspect
    "#<Encoding:#{@name}>"
  end

  UTF_8 = new('UTF-8')
  BINARY = ASCII_8BIT = new('ASCII-8BIT')
  US_ASCII = ASCII = new('US-ASCII')
  ISO_8859_1 = new('ISO-8859-1')
  WINDOWS_1252 = new('Windows-1252')
  UTF_16LE = new('UTF-16LE')
  UTF_16BE = new('UTF-16BE')

  class UndefinedConversionError < EncodingError; end
  class InvalidByteSequenceError < EncodingError; end
  class ConverterNotFoundError < EncodingError; end
  class CompatibilityError < EncodingError; end

  def self.default_external
    UTF_8
  end

  def self.default_internal
    nil
  end

  def self.default_external=(encoding) end
  def self.default_internal=(encoding) end
end

class String
  # --- encodings

  def encoding
    __binary? ? Encoding::BINARY : Encoding::UTF_8
  end

  def force_encoding(encoding)
    name = encoding.to_s.upcase
    if name == 'ISO-8859-1' || name == 'LATIN1' || name == 'WINDOWS-1252'
      replace(__from_latin1) unless ascii_only?
    end
    __set_binary(name == 'BINARY' || name == 'ASCII-8BIT')
  end

  def b
    dup.__set_binary(true)
  end

  def scrub(with = nil, &block)
    return dup if valid_encoding?
    __scrub(with || (block ? block.call('') : "\u{FFFD}"))
  end

  def scrub!(with = nil)
    replace(scrub(with))
  end

  def encode(to = 'UTF-8', from = nil, options = nil)
    options, from = from, nil if from.is_a?(Hash)
    options, to = to, 'UTF-8' if to.is_a?(Hash)
    options ||= {}
    text = self
    source = from ? from.to_s.upcase : (__binary? ? 'BINARY' : 'UTF-8')
    if source == 'ISO-8859-1' || source == 'WINDOWS-1252' || source == 'LATIN1'
      text = __from_latin1
    elsif source.start_with?('UTF-16')
      text = __from_utf16(source.end_with?('LE'))
    end
    unless text.valid_encoding? && !(source == 'BINARY' && !ascii_only?)
      unless options[:invalid] == :replace || options[:undef] == :replace
        raise Encoding::InvalidByteSequenceError, 'the text is not well-formed UTF-8'
      end
      text = text.dup.__set_binary(false).scrub(options[:replace] || "\u{FFFD}")
    end
    target = to.to_s.upcase
    return text.__to_narrow(target, options) if %w[US-ASCII ASCII ISO-8859-1 LATIN1 WINDOWS-1252].include?(target)
    return text.__to_utf16(target == 'UTF-16LE') if target.start_with?('UTF-16')
    raise Encoding::ConverterNotFoundError, "no converter to #{to}" unless target.start_with?('UTF-8', 'BINARY', 'ASCII-8BIT')
    text.dup.__set_binary(false)
  end

  def encode!(*arguments)
    replace(encode(*arguments))
  end


  def __to_narrow(target, options)
    return dup if ascii_only?
    greatest = target.end_with?('ASCII') ? 127 : 255
    out = ''
    codepoints.each do |code|
      if code <= greatest
        out << code.__chr
      elsif options[:undef] == :replace || options[:invalid] == :replace || options[:fallback]
        out << (options[:replace] || '?')
      else
        raise Encoding::UndefinedConversionError, "U+#{code.to_s(16)} is not in #{target}"
      end
    end
    out.__set_binary(greatest == 255)
  end

  def __from_utf16(little)
    units = unpack(little ? 'v*' : 'n*')
    out = ''
    while (unit = units.shift)
      if unit >= 0xD800 && unit < 0xDC00 && units[0] && units[0] >= 0xDC00 && units[0] < 0xE000
        unit = 0x10000 + ((unit & 0x3FF) << 10) + (units.shift & 0x3FF)
      end
      out << (unit >= 0xD800 && unit < 0xE000 ? "\u{FFFD}" : unit.__utf8)
    end
    out
  end

  def __to_utf16(little)
    units = []
    codepoints.each do |code|
      if code >= 0x10000
        code -= 0x10000
        units << (0xD800 | code >> 10) << (0xDC00 | code & 0x3FF)
      else
        units << code
      end
    end
    units.pack(little ? 'v*' : 'n*').__set_binary(true)
  end

  # --- characters: the second way of methods for text beyond ASCII

  def each_char(&block)
    return to_enum(:each_char) unless block
    chars.each(&block)
    self
  end

  def each_codepoint(&block)
    return codepoints.each unless block
    codepoints.each(&block)
    self
  end

  alias __tr tr
  def tr(from, to)
    return __tr(from, to) if ascii_only? && from.ascii_only? && to.ascii_only?
    __map_set(from, to)
  end

  def tr!(from, to)
    changed = tr(from, to)
    changed == self ? nil : replace(changed)
  end

  # The characters of "a-z", without the leading ^.
  def __expand
    list = []
    letters = chars
    until letters.empty?
      letter = letters.shift
      if letter == '\\' && !letters.empty?
        list << letters.shift
      elsif letters.size > 1 && letters[0] == '-'
        letters.shift
        last = letters.shift.ord
        (letter.ord..last).each { |code| list << code.__utf8 }
      else
        list << letter
      end
    end
    list
  end

  def __set
    negated = length > 1 && self[0] == '^'
    [(negated ? self[1..-1] : self).__expand, negated]
  end

  def __map_set(from, to)
    set, negated = from.__set
    target = to.__expand
    chars.map do |letter|
      index = set.index(letter)
      if negated
        index ? letter : (target.last || '')
      elsif index
        target.empty? ? '' : (target[index] || target.last)
      else
        letter
      end
    end.join
  end

  alias __delete delete
  def delete(*sets)
    return __delete(*sets) if sets.size == 1 && ascii_only? && sets[0].ascii_only?
    parsed = sets.map(&:__set)
    chars.reject { |letter| parsed.all? { |set, negated| set.include?(letter) != negated } }.join
  end

  def delete!(*sets)
    changed = delete(*sets)
    changed == self ? nil : replace(changed)
  end

  alias __count count
  def count(*sets)
    return __count(*sets) if sets.size == 1 && ascii_only? && sets[0].ascii_only?
    parsed = sets.map(&:__set)
    chars.count { |letter| parsed.all? { |set, negated| set.include?(letter) != negated } }
  end

  alias __squeeze squeeze
  def squeeze(*sets)
    return __squeeze(*sets) if ascii_only? && sets.size < 2
    parsed = sets.map(&:__set)
    last = nil
    chars.reject do |letter|
      double = letter == last && parsed.all? { |set, negated| set.include?(letter) != negated }
      last = letter
      double
    end.join
  end

  alias __ljust ljust
  def ljust(width, pad = ' ')
    ascii_only? && pad.ascii_only? ? __ljust(width, pad) : self + __padding(width - length, pad)
  end

  alias __rjust rjust
  def rjust(width, pad = ' ')
    ascii_only? && pad.ascii_only? ? __rjust(width, pad) : __padding(width - length, pad) + self
  end

  alias __center center
  def center(width, pad = ' ')
    return __center(width, pad) if ascii_only? && pad.ascii_only?
    room = width - length
    return dup if room <= 0
    __padding(room / 2, pad) + self + __padding(room - room / 2, pad)
  end

  def __padding(width, pad)
    width <= 0 ? '' : (pad * (width / pad.length + 1))[0, width]
  end

  alias __chop chop
  def chop
    ascii_only? ? __chop : self[0...-1].to_s
  end

  def chop!
    empty? ? nil : replace(chop)
  end

  alias __insert insert
  def insert(at, text)
    return __insert(at, text) if ascii_only?
    letters = chars
    letters.insert(at < 0 ? at + letters.size + 1 : at, text)
    replace(letters.join)
  end

  def reverse!
    replace(reverse)
  end

  alias __chr chr
  def chr
    self[0] || ''
  end

  def upcase!(*)
    changed = upcase
    changed == self ? nil : replace(changed)
  end

  def downcase!(*)
    changed = downcase
    changed == self ? nil : replace(changed)
  end

  def capitalize!(*)
    changed = capitalize
    changed == self ? nil : replace(changed)
  end

  alias __inspect inspect
  def inspect
    return __inspect if ascii_only? || !valid_encoding?
    '"' + chars.map { |letter| letter.ascii_only? ? letter.__inspect[1..-2] : letter }.join + '"'
  end

  # --- patterns

  alias __index index
  def index(what, from = 0)
    from += length if from < 0
    return nil if from < 0 || from > length
    byte = __byte_of(from)
    found = what.is_a?(Regexp) ? __match_at(what, byte)&.first : __byte_index(what, byte)
    found && __character_of(found)
  end

  def __byte_index(what, byte)
    found = __match_at(what, byte)
    found && found[0]
  end

  alias __rindex rindex
  def rindex(what, from = nil)
    from = from.nil? ? length : from
    from += length if from < 0
    return nil if from < 0
    from = length if from > length
    from.downto(0) do |at|
      found = __match_at(what, __byte_of(at))
      return at if found && found[0] == __byte_of(at)
    end
    nil
  end

  alias __start_with? start_with?
  def start_with?(*texts)
    texts.any? do |text|
      if text.is_a?(Regexp)
        found = __match_at(text)
        found && found[0] == 0
      else
        __start_with?(text)
      end
    end
  end

  alias __partition partition
  def partition(what)
    found = __match_at(what)
    return [dup, '', ''] unless found
    [byteslice(0, found[0]), found[2], byteslice(found[1], bytesize - found[1])]
  end

  def rpartition(what)
    at = rindex(what)
    return ['', '', dup] unless at
    found = __match_at(what, __byte_of(at))
    [byteslice(0, found[0]), found[2], byteslice(found[1], bytesize - found[1])]
  end

  def slice!(*arguments)
    part = self[*arguments]
    return nil if part.nil?
    if arguments.size == 1 && (arguments[0].is_a?(Regexp) || arguments[0].is_a?(String))
      found = __match_at(arguments[0])
      replace(byteslice(0, found[0]) + byteslice(found[1], bytesize - found[1]))
    else
      self[*arguments] = ''
    end
    part
  end

  alias __store []=
  def []=(*arguments)
    value = arguments.pop
    what = arguments[0]
    if what.is_a?(Regexp) || what.is_a?(String) && arguments.size == 1
      found = __match_at(what)
      raise IndexError, 'string not matched' unless found
      replace(byteslice(0, found[0]) + value + byteslice(found[1], bytesize - found[1]))
    elsif ascii_only?
      __store(*arguments, value)
    else
      letters = chars
      letters[*arguments] = value
      replace(letters.join)
    end
    value
  end

  def each_grapheme_cluster(&block)
    each_char(&block)
  end

  # --- the rest

  def unpack1(format, *)
    unpack(format)[0]
  end unless ''.respond_to?(:unpack1)


  def -@
    self
  end

  def +@
    frozen? ? dup : self
  end

  def sum
    bytes.sum & 0xFFFF
  end

  def parse_csv(options = {})
    CSV.parse_line(self, options)
  end



end

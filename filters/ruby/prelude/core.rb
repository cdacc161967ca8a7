# Core classes: what mruby leaves out of Ruby's.

class SecurityError < Exception; end
class UncaughtThrowError < ArgumentError; end
class EncodingError < StandardError; end
class RegexpError < StandardError; end unless Object.const_defined?(:RegexpError)

module Kernel
  def system(*)
    raise SecurityError, 'scripts can start no processes'
  end
  alias exec system
  alias spawn system
  alias fork system
  alias ` system

  def open(*)
    raise SecurityError, 'scripts have no files and no network'
  end

  def sleep(*)
    raise SecurityError, 'scripts can not sleep: they hold the pipeline up'
  end

  def exit(*)
    raise SecurityError, 'scripts can not end the process'
  end
  alias exit! exit
  alias abort exit

  # mruby has no such keyword: what is nil counts as undefined.
  def defined?(value = nil)
    value.nil? ? nil : 'expression'
  end

  def catch(tag = Object.new)
    yield tag
  rescue UncaughtThrowError => error
    raise error unless error.instance_variable_get(:@tag).equal?(tag) || error.instance_variable_get(:@tag) == tag
    error.instance_variable_get(:@value)
  end

  def throw(tag, value = nil)
    error = UncaughtThrowError.new("uncaught throw #{tag.inspect}")
    error.instance_variable_set(:@tag, tag)
    error.instance_variable_set(:@value, value)
    raise error
  end

  def BigDecimal(value, *)
    value.is_a?(String) ? value.to_f : Float(value)
  end

  def srand(*)
    0
  end

  def instance_variable_names
    instance_variables.map(&:to_s)
  end

  def to_json(*)
    JSON.generate(self)
  end
end

class NilClass
  def to_h
    {}
  end unless nil.respond_to?(:to_h)
end

class Integer
  def even?
    self % 2 == 0
  end

  def odd?
    self % 2 == 1
  end

  def pred
    self - 1
  end

  def integer?
    true
  end

  def fdiv(other)
    to_f / other
  end

  def ord
    self
  end

  def gcd(other)
    a = abs
    b = other.abs
    a, b = b, a % b while b != 0
    a
  end

  def lcm(other)
    self == 0 || other == 0 ? 0 : (self / gcd(other) * other).abs
  end

  def digits(base = 10)
    raise ArgumentError, 'out of domain' if self < 0
    number = self
    list = []
    loop do
      list << number % base
      number /= base
      break if number == 0
    end
    list
  end

  def bit_length
    number = self < 0 ? ~self : self
    length = 0
    while number > 0
      length += 1
      number >>= 1
    end
    length
  end

  def pow(other, modulus = nil)
    return self**other unless modulus
    result = 1
    base = self % modulus
    while other > 0
      result = result * base % modulus if other.odd?
      base = base * base % modulus
      other >>= 1
    end
    result
  end

  def self.sqrt(number)
    Math.sqrt(number).to_i
  end

  alias __chr chr
  def chr(encoding = nil)
    encoding.nil? ? (self < 256 ? __chr : raise(RangeError, "#{self} out of char range")) : __utf8
  end
end

class Float
  EPSILON = 2.220446049250313e-16 unless const_defined?(:EPSILON)
  MAX = 1.0e77 unless const_defined?(:MAX)

  def integer?
    false
  end

  def fdiv(other)
    self / other
  end
end

class Numeric
  def real?
    true
  end
end

module Enumerable
  def sum(initial = 0)
    total = initial
    compensation = 0.0
    floats = false
    each do |*item|
      item = item.size > 1 ? item : item[0]
      item = yield item if block_given?
      # Kahan and Babuska's way, as Ruby adds floats.
      if floats && item.is_a?(Numeric) || item.is_a?(Float) && total.is_a?(Numeric)
        total = total.to_f unless floats
        floats = true
        item = item.to_f
        sum = total + item
        compensation += total.abs >= item.abs ? (total - sum) + item : (item - sum) + total
        total = sum
      else
        total += item
      end
    end
    floats ? total + compensation : total
  end

  def each_entry(&block)
    each(&block)
  end

  def to_set
    Set.new(self)
  end

  def chunk_while
    slices = []
    each do |item|
      if slices.empty? || !yield(slices.last.last, item)
        slices << [item]
      else
        slices.last << item
      end
    end
    slices
  end

  def slice_when(&block)
    chunk_while { |a, b| !block.call(a, b) }
  end

end

class Array
  def sort_by!(&block)
    replace(sort_by(&block))
  end

  alias __first_min min
  def min(count = nil, &block)
    count ? sort(&block).first(count) : __first_min(&block)
  end

  alias __first_max max
  def max(count = nil, &block)
    count ? sort(&block).reverse.first(count) : __first_max(&block)
  end

  alias __to_h to_h
  def to_h(&block)
    block ? map(&block).__to_h : __to_h
  end

  def sum(initial = 0, &block)
    super
  end

  def to_csv
    map { |item| item.to_s =~ /[",\n]/ ? "\"#{item.to_s.gsub('"', '""')}\"" : item.to_s }.join(',') + "\n"
  end

  def deconstruct
    self
  end
end

class Hash
  alias __to_h to_h
  def to_h(&block)
    block ? map(&block).to_h : self
  end

  def to_hash
    self
  end

  def sum(initial = 0, &block)
    map { |pair| pair }.sum(initial, &block)
  end

  def filter_map
    list = []
    each do |key, value|
      result = yield(key, value)
      list << result if result
    end
    list
  end


  def compare_by_identity
    self
  end

  def assoc(key)
    key?(key) ? [key, self[key]] : nil
  end
end

# Regexp's rest.
class Regexp
  def self.union(*patterns)
    patterns = patterns[0] if patterns.size == 1 && patterns[0].is_a?(Array)
    return new('(?!)') if patterns.empty?
    new(patterns.map { |pattern| pattern.is_a?(Regexp) ? pattern.to_s : escape(pattern) }.join('|'))
  end

  def self.last_match(group = nil)
    match = $~
    match && group ? match[group] : match
  end

  def self.try_convert(object)
    object.is_a?(Regexp) ? object : nil
  end

  def casefold?
    options & IGNORECASE != 0
  end

  def named_captures
    names.map { |name| [name, []] }.to_h
  end

  def encoding
    Encoding::UTF_8
  end
end

class MatchData
  def names
    regexp ? regexp.names : []
  end

  def offset(group)
    [self.begin(group), self.end(group)]
  end

  def values_at(*groups)
    groups.map { |group| self[group] }
  end

  def deconstruct_keys(_keys)
    named_captures.map { |name, text| [name.to_sym, text] }.to_h
  end

  def inspect
    "#<MatchData #{self[0].inspect}>"
  end

  def ==(other)
    other.is_a?(MatchData) && string == other.string && to_a == other.to_a
  end
end

class Symbol
  def =~(pattern)
    to_s =~ pattern
  end

  def match(pattern, *rest)
    to_s.match(pattern, *rest)
  end

  def match?(pattern, *rest)
    to_s.match?(pattern, *rest)
  end

  def start_with?(*texts)
    to_s.start_with?(*texts)
  end

  def end_with?(*texts)
    to_s.end_with?(*texts)
  end

  def [](*arguments)
    to_s[*arguments]
  end
end

class NilClass
  def =~(_other)
    nil
  end
end

class Mutex
  def synchronize
    yield
  end

  def lock
    self
  end
  alias unlock lock

  def try_lock
    true
  end
end

class Thread
  Mutex = ::Mutex

  def self.current
    @current ||= {}
  end
end

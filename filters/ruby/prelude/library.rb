# Ruby's standard library, as far as pipelines use it.

module JSON
  class JSONError < StandardError; end
  class ParserError < JSONError; end
  class GeneratorError < JSONError; end
  class NestingError < ParserError; end

  def self.parse(text, options = nil)
    text = text.to_str unless text.is_a?(String)
    result = begin
      __parse(text)
    rescue RuntimeError => error
      raise ParserError, error.message
    end
    options && options[:symbolize_names] ? __symbolize(result) : result
  end

  def self.parse!(text, options = nil)
    parse(text, options)
  end

  def self.load(text, *)
    text.nil? ? nil : parse(text)
  end

  def self.generate(object, *)
    __text(object, false)
  end

  def self.dump(object, *)
    __text(object, false)
  end

  def self.pretty_generate(object, *)
    object.is_a?(LogStash::Event) ? object.to_json : __text(object, true)
  end

  def self.[](object)
    object.is_a?(String) ? parse(object) : generate(object)
  end

  def self.__text(object, pretty)
    begin
      return __generate(object, pretty) unless object.is_a?(Time)
    rescue RuntimeError
      nil # not all of it is plain
    end
    begin
      __generate(__plain(object), pretty)
    rescue RuntimeError => error
      raise GeneratorError, error.message
    end
  end

  # With what JSON has no word for turned into text, as to_json does.
  def self.__plain(object)
    case object
    when String, Integer, Float, Symbol, nil, true, false, LogStash::Timestamp then object
    when Hash
      object.each_value { |value| return object.map { |k, v| [k.to_s, __plain(v)] }.to_h unless __plain?(value) }
      object
    when Array then object.all? { |value| __plain?(value) } ? object : object.map { |value| __plain(value) }
    when LogStash::Event then object.to_hash
    when Set then __plain(object.to_a)
    when Struct then object.to_s
    else object.respond_to?(:to_h) && !object.is_a?(Time) ? __plain(object.to_h) : object.to_s
    end
  end

  def self.__plain?(value)
    case value
    when String, Integer, Float, Symbol, nil, true, false, LogStash::Timestamp then true
    else false
    end
  end

  def self.__symbolize(value)
    case value
    when Hash then value.map { |k, v| [k.to_sym, __symbolize(v)] }.to_h
    when Array then value.map { |v| __symbolize(v) }
    else value
    end
  end
end

module LogStash
  module Json
    class ParserError < StandardError; end
    class GeneratorError < StandardError; end

    def self.load(text, *)
      JSON.parse(text)
    rescue JSON::ParserError => error
      raise ParserError, error.message
    end

    def self.dump(object, *)
      JSON.generate(object)
    end
  end

  module Util
    def self.hash_merge(into, from)
      into.merge!(from) { |_, a, b| a.is_a?(Hash) && b.is_a?(Hash) ? hash_merge(a, b) : b }
    end

    def self.deep_clone(value)
      case value
      when Hash then value.map { |k, v| [k, deep_clone(v)] }.to_h
      when Array then value.map { |v| deep_clone(v) }
      when String then value.dup
      else value
      end
    end

    def self.normalize(value)
      deep_clone(value)
    end
  end

  class Timestamp
    def self.at(seconds, more = 0)
      coerce(Time.at(seconds, more))
    end

    def time
      Time.at(self).utc
    end

    def utc
      self
    end
    alias gmtime utc

    def year
      time.year
    end

    def +(other)
      time + other
    end

    def -(other)
      time - (other.is_a?(Timestamp) ? other.time : other)
    end

    def ==(other)
      (self <=> other) == 0
    end
    alias eql? ==
  end
end

class CSV
  class MalformedCSVError < RuntimeError; end

  def self.parse_line(text, options = {})
    separator = options[:col_sep] || ','
    quote = options[:quote_char] || '"'
    fields = []
    rest = text.chomp
    return nil if rest.empty?
    loop do
      if rest.start_with?(quote)
        field = ''
        rest = rest[1..-1]
        loop do
          at = rest.index(quote)
          raise MalformedCSVError, 'Unclosed quoted field' unless at
          field << rest[0, at]
          rest = rest[at + 1..-1]
          break unless rest.start_with?(quote)
          field << quote
          rest = rest[1..-1]
        end
        raise MalformedCSVError, 'Illegal quoting' unless rest.empty? || rest.start_with?(separator)
        fields << field
        at = rest.empty? ? nil : 0
      else
        at = rest.index(separator)
        field = at ? rest[0, at] : rest
        raise MalformedCSVError, 'Illegal quoting' if field.include?(quote) && !options[:liberal_parsing]
        fields << (field.empty? ? nil : field)
      end
      return fields unless at
      rest = rest[at + separator.length..-1]
    end
  end

  def self.parse(text, options = {})
    rows = text.split("\n").map { |line| parse_line(line, options) || [] }
    return rows unless options[:headers]
    names = rows.shift
    rows.map { |row| names.zip(row).to_h }
  end

  def self.generate_line(fields, *)
    fields.to_csv
  end
end

module Timeout
  class Error < RuntimeError; end

  # The filter's own time limit holds.
  def self.timeout(*)
    yield
  end
end

# --- the environment

class << (ENV = Object.new)
  def [](name)
    __env(name)
  end

  def fetch(name, *default)
    value = __env(name)
    return value unless value.nil?
    return yield(name) if block_given?
    raise KeyError, "key not found: #{name.inspect}" if default.empty?
    default[0]
  end

  def key?(name)
    !__env(name).nil?
  end
  alias include? key?
  alias has_key? key?

  def []=(_name, _value)
    raise SecurityError, 'scripts can not change the environment'
  end
end

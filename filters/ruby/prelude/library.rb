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

# --- digests and codes

module Digest
  # What a digest with an instance is fed with and prints; classes give digest().
  module Instance
    def update(text)
      @text << text
      self
    end
    alias << update

    def reset
      @text = ''
      self
    end

    def hexdigest(text = nil)
      __hex(digest(text))
    end
    alias to_s hexdigest

    def base64digest(text = nil)
      Base64.strict_encode64(digest(text))
    end
  end

  class Base
    include Instance

    def self.digest(text)
      __digest(name.split('::').last, text, nil)
    end

    def self.hexdigest(text)
      __hex(digest(text))
    end

    def self.base64digest(text)
      Base64.strict_encode64(digest(text))
    end

    def initialize
      @text = ''
    end

    def digest(text = nil)
      self.class.digest(text || @text)
    end
  end

  class MD5 < Base; end
  class SHA1 < Base; end
  class SHA256 < Base; end
  class SHA384 < Base; end
  class SHA512 < Base; end

  class SHA2 < Base
    def initialize(bits = 256)
      super()
      @of = { 256 => SHA256, 384 => SHA384, 512 => SHA512 }[bits]
    end

    def digest(text = nil)
      @of.digest(text || @text)
    end
  end
end

module OpenSSL
  class Digest
    MD5 = ::Digest::MD5
    SHA1 = ::Digest::SHA1
    SHA256 = ::Digest::SHA256
    SHA384 = ::Digest::SHA384
    SHA512 = ::Digest::SHA512

    include ::Digest::Instance

    attr_reader :name

    def initialize(name)
      @name = name.to_s.upcase.delete('-')
      @text = ''
    end

    def self.digest(name, text)
      __digest(name.upcase.delete('-'), text, nil)
    end

    def self.hexdigest(name, text)
      __hex(digest(name, text))
    end

    def digest(text = nil)
      __digest(@name, text || @text, nil)
    end
  end

  class HMAC
    def self.__name(digest)
      digest = digest.name if digest.respond_to?(:name)
      digest = digest.class.name unless digest.is_a?(String)
      digest.split('::').last.upcase.delete('-')
    end

    def self.digest(digest, key, text)
      __digest(__name(digest), text, key)
    end

    def self.hexdigest(digest, key, text)
      __hex(self.digest(digest, key, text))
    end

    def self.base64digest(digest, key, text)
      Base64.strict_encode64(self.digest(digest, key, text))
    end
  end
end

module Base64
  def self.strict_encode64(bytes)
    [bytes].pack('m0')
  end

  def self.encode64(bytes)
    [bytes].pack('m')
  end

  def self.decode64(text)
    text.unpack('m')[0].__set_binary(false)
  end

  def self.strict_decode64(text)
    raise ArgumentError, 'invalid base64' unless text =~ %r{\A[A-Za-z0-9+/]*={0,2}\z} && text.bytesize % 4 == 0
    decode64(text)
  end

  def self.urlsafe_encode64(bytes, options = {})
    text = strict_encode64(bytes).tr('+/', '-_')
    options[:padding] == false ? text.delete('=') : text
  end

  def self.urlsafe_decode64(text)
    text = text.tr('-_', '+/')
    decode64(text + '=' * (-text.bytesize % 4))
  end
end

module SecureRandom
  def self.random_bytes(count = 16)
    __random(count).__set_binary(true)
  end

  def self.bytes(count)
    random_bytes(count)
  end

  def self.hex(count = 16)
    __hex(__random(count))
  end

  def self.uuid
    bytes = __random(16).bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    text = bytes.map { |byte| format('%02x', byte) }.join
    "#{text[0, 8]}-#{text[8, 4]}-#{text[12, 4]}-#{text[16, 4]}-#{text[20, 12]}"
  end

  def self.base64(count = 16)
    Base64.strict_encode64(__random(count))
  end

  def self.urlsafe_base64(count = 16)
    Base64.urlsafe_encode64(__random(count), padding: false)
  end

  def self.random_number(limit = 0)
    value = __random(7).bytes.reduce(0) { |all, byte| all << 8 | byte }
    return limit.first + random_number(limit.last - limit.first + (limit.exclude_end? ? 0 : 1)) if limit.is_a?(Range)
    limit.is_a?(Integer) && limit > 0 ? value % limit : value / 72057594037927936.0
  end

  def self.rand(limit = 0)
    random_number(limit)
  end

  def self.alphanumeric(count = 16)
    letters = [*'A'..'Z', *'a'..'z', *'0'..'9']
    Array.new(count) { letters[random_number(letters.size)] }.join
  end
end

# Only as the idiom for a deep copy: Marshal.load(Marshal.dump(x)).
module Marshal
  Dumped = Struct.new(:value)

  def self.dump(value)
    Dumped.new(LogStash::Util.deep_clone(value))
  end

  def self.load(dumped)
    LogStash::Util.deep_clone(dumped.value)
  end
end

module Zlib
  def self.crc32(text = '', start = 0)
    __crc32(text, start)
  end
end

# --- URLs

module URI
  class Error < StandardError; end
  class InvalidURIError < Error; end
  class InvalidComponentError < Error; end

  PORTS = { 'http' => 80, 'https' => 443, 'ftp' => 21, 'ldap' => 389, 'ws' => 80, 'wss' => 443 }

  def self.decode_www_form_component(text, *)
    __decode(text.to_s.tr('+', ' '))
  end

  def self.encode_www_form_component(text, *)
    __encode(text.to_s, '*-._', '+')
  end

  def self.decode_uri_component(text)
    __decode(text)
  end

  def self.encode_uri_component(text)
    __encode(text, '*-._', '%20')
  end

  def self.decode(text)
    __decode(text)
  end

  def self.unescape(text)
    __decode(text)
  end

  def self.encode(text, *)
    __encode(text, "-_.!~*'();/?:@&=+$,[]", '%20')
  end

  def self.escape(text, *)
    encode(text)
  end

  def self.decode_www_form(text)
    text.split('&').map { |pair| (pair.split('=', 2) + [''])[0, 2].map { |part| decode_www_form_component(part) } }
  end

  def self.encode_www_form(pairs)
    pairs.map { |key, value| "#{encode_www_form_component(key)}=#{encode_www_form_component(value)}" }.join('&')
  end

  def self.__decode(text)
    return text.dup unless text.include?('%')
    out = ''
    text.split('%', -1).each_with_index do |part, index|
      if index == 0
        out << part
      elsif part =~ /\A[0-9A-Fa-f]{2}/
        out << part[0, 2].hex.__chr << part[2..-1]
      else
        out << '%' << part
      end
    end
    out
  end

  def self.__encode(text, safe, space)
    out = ''
    text.each_byte do |byte|
      if byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
        out << byte.__chr
      elsif byte == 32
        out << space
      elsif byte < 128 && safe.include?(byte.__chr)
        out << byte.__chr
      else
        out << format('%%%02X', byte)
      end
    end
    out
  end

  class Generic
    attr_accessor :scheme, :userinfo, :host, :path, :query, :fragment, :opaque
    attr_writer :port

    def initialize(scheme, userinfo, host, port, path, query, fragment)
      @scheme = scheme
      @userinfo = userinfo
      @host = host
      @port = port
      @path = path
      @query = query
      @fragment = fragment
    end

    def port
      @port || default_port
    end

    def default_port
      PORTS[@scheme]
    end

    def hostname
      @host && @host.start_with?('[') ? @host[1...-1] : @host
    end

    def user
      @userinfo && @userinfo.split(':', 2)[0]
    end

    def password
      @userinfo && @userinfo.split(':', 2)[1]
    end

    def request_uri
      (@path.empty? ? '/' : @path) + (@query ? "?#{@query}" : '')
    end

    def absolute?
      !@scheme.nil?
    end

    def relative?
      !absolute?
    end

    def to_s
      text = @scheme ? "#{@scheme}:" : ''
      if @host
        text += '//'
        text += "#{@userinfo}@" if @userinfo
        text += @host
        text += ":#{@port}" if @port && @port != default_port
      end
      text += @path
      text += "?#{@query}" if @query
      text += "##{@fragment}" if @fragment
      text
    end
    alias inspect to_s

    def ==(other)
      other.is_a?(Generic) && to_s == other.to_s
    end
  end

  class HTTP < Generic; end
  class HTTPS < HTTP; end

  def self.parse(text)
    text = text.to_s
    parts = text.match(%r{\A(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://(?:([^@/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?\z})
    if parts.nil? || text =~ /[\s<>"{}|\\^`]/ || !text.ascii_only?
      raise InvalidURIError, "bad URI(is not URI?): #{text.inspect}"
    end
    scheme = parts[1] && parts[1].downcase
    type = scheme == 'http' ? HTTP : scheme == 'https' ? HTTPS : Generic
    port = parts[4] && !parts[4].empty? ? parts[4].to_i : nil
    type.new(scheme, parts[2], parts[3], port, parts[5] || '', parts[6], parts[7])
  end

  def self.join(base, *others)
    others.reduce(base.to_s) do |all, other|
      next other if other =~ /\A[a-z]+:/
      uri = parse(all)
      path = other.start_with?('/') ? other : uri.path.sub(%r{[^/]*\z}, '') + other
      "#{uri.scheme}://#{uri.host}#{path}"
    end.then { |text| parse(text) }
  end

  def self.extract(text, *)
    text.scan(%r{https?://[^\s<>"]+})
  end

  def self.regexp(*)
    %r{https?://[^\s<>"]+}
  end
end

module Kernel
  def URI(text)
    text.is_a?(URI::Generic) ? text : URI.parse(text)
  end
end

module CGI
  ENTITIES = { '&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;', "'" => '&#39;' }
  CHARACTERS = { 'amp' => '&', 'lt' => '<', 'gt' => '>', 'quot' => '"', 'apos' => "'", 'nbsp' => "\u00A0" }

  def self.unescape(text, *)
    URI.decode_www_form_component(text)
  end

  def self.escape(text)
    URI.encode_www_form_component(text)
  end

  def self.escapeHTML(text)
    text.gsub(/[&<>"']/, ENTITIES)
  end

  def self.unescapeHTML(text)
    text.gsub(/&(#\d+|#[xX]\h+|\w+);/) do |whole|
      name = whole[1...-1]
      if name.start_with?('#x', '#X')
        name[2..-1].hex.__utf8
      elsif name.start_with?('#')
        name[1..-1].to_i.__utf8
      else
        CHARACTERS[name] || whole
      end
    end
  end

  class << self
    alias escape_html escapeHTML
    alias unescape_html unescapeHTML
    alias h escapeHTML
  end

  def self.parse(query)
    query.to_s.split(/[&;]/).each_with_object({}) do |pair, all|
      key, value = pair.split('=', 2).map { |part| unescape(part) }
      (all[key] ||= []) << value if key
    end
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

# --- addresses

class IPAddr
  include Comparable

  class Error < ArgumentError; end
  class InvalidAddressError < Error; end
  class AddressFamilyError < Error; end
  class InvalidPrefixError < InvalidAddressError; end

  attr_reader :prefix, :bytes

  def self.__parse(text)
    if text =~ /\A\d{1,3}(\.\d{1,3}){3}\z/
      bytes = text.split('.').map(&:to_i)
      return bytes if bytes.all? { |byte| byte < 256 } && text !~ /(\A|\.)0\d/
    elsif text.include?(':') && text =~ /\A\[?([0-9A-Fa-f:.]+)(%\w+)?\]?\z/
      bytes = __parse6(text.delete('[]').sub(/%.*\z/, ''))
      return bytes if bytes
    end
    raise InvalidAddressError, "invalid address: #{text}"
  end

  def self.__parse6(text)
    if (tail = text[/\d+\.\d+\.\d+\.\d+\z/])
      four = __parse(tail)
      text = text[0, text.length - tail.length] + format('%x:%x', four[0] << 8 | four[1], four[2] << 8 | four[3])
    end
    return nil if text.scan('::').size > 1 || text.include?(':::')
    head, rest = text.split('::', 2)
    left = (head || '').split(':', -1)
    right = (rest || '').split(':', -1)
    return nil if (left + right).any? { |group| group !~ /\A\h{1,4}\z/ }
    missing = 8 - left.size - right.size
    return nil if text.include?('::') ? missing < 1 : missing != 0
    (left + ['0'] * missing + right).map { |group| [group.hex >> 8, group.hex & 255] }.flatten
  end

  def initialize(text = '::', family = nil)
    if text.is_a?(Array)
      @bytes, @prefix = text
      return
    end
    if text.is_a?(Integer)
      @bytes = [24, 16, 8, 0].map { |shift| text >> shift & 255 }
      @prefix = 32
      return
    end
    address, length = text.to_s.strip.split('/', 2)
    @bytes = IPAddr.__parse(address.to_s)
    @prefix = length ? __prefix(length) : @bytes.size * 8
    raise InvalidPrefixError, "invalid length: #{text}" if @prefix > @bytes.size * 8
    @bytes = __masked(@prefix) if length
  end

  def __prefix(length)
    return length.to_i if length =~ /\A\d+\z/
    IPAddr.__parse(length).map { |byte| byte.to_s(2).count('1') }.sum
  end

  def __masked(prefix)
    @bytes.each_with_index.map do |byte, index|
      bits = prefix - index * 8
      bits >= 8 ? byte : bits <= 0 ? 0 : byte & (0xFF << (8 - bits) & 0xFF)
    end
  end

  def self.new_ntoh(bytes)
    new([bytes.bytes, bytes.bytesize * 8])
  end

  def self.ntop(bytes)
    new_ntoh(bytes).to_s
  end

  def mask(length)
    prefix = length.is_a?(Integer) ? length : __prefix(length.to_s)
    IPAddr.new([__masked(prefix), prefix])
  end

  def ipv4?
    @bytes.size == 4
  end

  def ipv6?
    @bytes.size == 16
  end

  def family
    ipv4? ? 2 : 10
  end

  def include?(other)
    other = IPAddr.new(other) unless other.is_a?(IPAddr)
    other.bytes.size == @bytes.size && other.prefix >= @prefix && other.__masked(@prefix) == @bytes
  end
  alias === include?

  def to_i
    raise RangeError, 'integers end at 64 bits' if ipv6? && @bytes[0, 8].any? { |byte| byte > 0 }
    @bytes.reduce(0) { |all, byte| all << 8 | byte }
  end

  def hton
    @bytes.pack('C*')
  end

  def to_s
    return @bytes.join('.') if ipv4?
    groups = @bytes.each_slice(2).map { |high, low| high << 8 | low }
    best = (0..7).map { |at| [groups[at..-1].take_while { |group| group == 0 }.size, -at] }.max
    return groups.map { |group| group.to_s(16) }.join(':') if best[0] < 2
    at = -best[1]
    left = groups[0, at].map { |group| group.to_s(16) }.join(':')
    right = groups[at + best[0]..-1].map { |group| group.to_s(16) }.join(':')
    "#{left}::#{right}"
  end

  def to_string
    return to_s if ipv4?
    @bytes.each_slice(2).map { |high, low| format('%04x', high << 8 | low) }.join(':')
  end

  def inspect
    "#<IPAddr: IPv#{ipv4? ? 4 : 6}:#{to_string}/#{@prefix}>"
  end

  def cidr
    "#{self}/#{@prefix}"
  end

  def to_range
    first = IPAddr.new([@bytes, @bytes.size * 8])
    last = @bytes.each_with_index.map do |byte, index|
      bits = @prefix - index * 8
      bits >= 8 ? byte : bits <= 0 ? 255 : byte | (0xFF >> bits)
    end
    first..IPAddr.new([last, @bytes.size * 8])
  end

  def succ
    bytes = @bytes.dup
    (bytes.size - 1).downto(0) do |index|
      bytes[index] = (bytes[index] + 1) & 255
      break if bytes[index] > 0
    end
    IPAddr.new([bytes, @prefix])
  end

  def reverse
    return @bytes.reverse.join('.') + '.in-addr.arpa' if ipv4?
    @bytes.map { |byte| format('%02x', byte) }.join.reverse.chars.join('.') + '.ip6.arpa'
  end

  PRIVATE = %w[10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7]
  LOOPBACK = %w[127.0.0.0/8 ::1/128]
  LINK_LOCAL = %w[169.254.0.0/16 fe80::/10]

  def private?
    PRIVATE.any? { |net| IPAddr.new(net).include?(self) }
  end

  def loopback?
    LOOPBACK.any? { |net| IPAddr.new(net).include?(self) }
  end

  def link_local?
    LINK_LOCAL.any? { |net| IPAddr.new(net).include?(self) }
  end

  def ipv4_mapped?
    ipv6? && @bytes[0, 10].all? { |byte| byte == 0 } && @bytes[10, 2] == [255, 255]
  end

  def native
    ipv4_mapped? ? IPAddr.new([@bytes[12, 4], 32]) : self
  end

  def <=>(other)
    other = IPAddr.new(other) unless other.is_a?(IPAddr)
    bytes <=> other.bytes
  end

  def ==(other)
    other = IPAddr.new(other) if other.is_a?(String)
    other.is_a?(IPAddr) && bytes == other.bytes
  rescue InvalidAddressError
    false
  end
  alias eql? ==

  def hash
    @bytes.hash
  end
end

module Socket
  AF_INET = 2
  AF_INET6 = 10

  def self.gethostname
    __host_name
  end

  # As Linux lays an address out.
  def self.sockaddr_in(port, host)
    address = IPAddr.new(host)
    port = port.to_i
    return [2, 0].pack('CC') + [port].pack('n') + address.hton + "\0" * 8 if address.ipv4?
    [10, 0].pack('CC') + [port].pack('n') + "\0" * 4 + address.hton + "\0" * 4
  end

  class << self
    alias pack_sockaddr_in sockaddr_in
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

# IPAddr, and what of Socket says something of addresses.

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

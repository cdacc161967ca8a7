# Digests, codes and chance: Digest, OpenSSL, Base64, SecureRandom, Zlib; and Marshal.

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

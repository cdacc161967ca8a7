# URI and CGI.

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

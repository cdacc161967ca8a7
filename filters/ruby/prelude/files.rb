# Paths as texts, and the files that allow_read names.

class IOError < StandardError; end unless Object.const_defined?(:IOError)

module Errno
  class ENOENT < StandardError; end
  class EACCES < StandardError; end
end

class File
  SEPARATOR = '/'

  def self.basename(path, suffix = nil)
    name = path.sub(%r{(?<=.)/+\z}, '')
    name = name.split('/').last || name
    return name.sub(/(?<=.)\.[^.]*\z/, '') if suffix == '.*'
    suffix && name != suffix && name.end_with?(suffix) ? name[0...-suffix.length] : name
  end

  def self.dirname(path)
    at = path.sub(%r{(?<=.)/+\z}, '').rindex('/')
    return '.' if at.nil?
    at == 0 ? '/' : path[0...at].sub(%r{(?<=.)/+\z}, '')
  end

  def self.extname(path)
    name = basename(path)
    at = name.rindex('.')
    at.nil? || at == 0 || at == name.length - 1 ? '' : name[at..-1]
  end

  def self.split(path)
    [dirname(path), basename(path)]
  end

  def self.join(*parts)
    parts.flatten.map(&:to_s).join('/').gsub(%r{/+}, '/')
  end

  def self.expand_path(path, folder = '/')
    path = "#{folder}/#{path}" unless path.start_with?('/')
    path.split('/').each_with_object([]) { |part, all| part == '..' ? all.pop : all << part unless part.empty? || part == '.' }
        .join('/').then { |text| "/#{text}" }
  end

  def self.read(path, *)
    __read_file(path)
  rescue RuntimeError => error
    raise error.message.end_with?('no such file') ? Errno::ENOENT : Errno::EACCES, error.message
  end

  class << self
    alias binread read
  end

  def self.exist?(path)
    read(path)
    true
  rescue Errno::ENOENT
    false
  end

  class << self
    alias exists? exist?
    alias file? exist?
    alias readable? exist?
  end

  def self.readlines(path, options = {})
    lines = read(path).lines
    options[:chomp] ? lines.map(&:chomp) : lines
  end

  def self.foreach(path, &block)
    readlines(path).each(&block)
  end

  def self.open(path, mode = 'r', *)
    raise SecurityError, 'scripts can not write files' unless mode.to_s.start_with?('r') && !mode.to_s.include?('+')
    file = new(path)
    block_given? ? yield(file) : file
  end

  def initialize(path, *)
    @text = File.read(path)
    @path = path
  end

  attr_reader :path

  def read
    @text
  end

  def each_line(&block)
    @text.each_line(&block)
  end
  alias each each_line

  def readlines
    @text.lines
  end

  def close
    nil
  end
end

IO = File

module YAML
  class SyntaxError < StandardError; end

  def self.load(text, *)
    text = text.read if text.is_a?(File)
    __yaml(text)
  rescue RuntimeError => error
    raise SyntaxError, error.message
  end

  def self.load_file(path, *)
    load(File.read(path))
  end

  class << self
    alias safe_load load
    alias unsafe_load load
    alias safe_load_file load_file
  end
end

Psych = YAML

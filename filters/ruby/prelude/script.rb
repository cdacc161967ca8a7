# What scripts find around them that is easier said in Ruby than in C++.

class Exception
  def __place
    trace = backtrace
    trace ? trace.find { |line| !line.start_with?('prelude') }.to_s : ''
  end

  def full_message(*)
    "#{message} (#{self.class})"
  end
end


class LoadError < ScriptError; end unless Object.const_defined?(:LoadError)

module LogStash
  class Error < StandardError; end

  class Logger
    LEVELS = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 }

    LEVELS.each do |name, level|
      define_method(name) do |message = nil, data = nil, &block|
        message = block.call if message.nil? && block
        __log(level, data.nil? ? message.to_s : "#{message} #{data.inspect}")
        true
      end
      define_method("#{name}?") { true }
    end
  end
end

module Kernel
  LIBRARIES = %w[
    json date time digest digest/md5 digest/sha1 digest/sha2 digest/sha256 base64 securerandom uri cgi csv set
    bigdecimal bigdecimal/util ipaddr logger ostruct openssl yaml psych socket zlib pp English forwardable singleton
    enumerator rubygems thread monitor timeout logstash/event logstash/timestamp logstash/util logstash/json
    logstash/namespace logstash/environment logstash/filters/base
  ]

  def require(name)
    return true if LIBRARIES.include?(name)
    raise LoadError, "cannot load such file -- #{name}: scripts can't require it"
  end

  def load(name)
    raise LoadError, "cannot load such file -- #{name}: scripts can't read files"
  end

  alias require_relative load

  def logger
    @logger ||= LogStash::Logger.new
  end

  def puts(*lines)
    lines.flatten.each { |line| __log(2, line.to_s) }
    nil
  end

  def print(*texts)
    __log(2, texts.join)
    nil
  end

  def p(*objects)
    objects.each { |object| __log(2, object.inspect) }
    objects.size > 1 ? objects : objects[0]
  end
end

# `path` scripts.
class ScriptTest
  Failure = Struct.new(:text)

  def initialize(name)
    @name = name
    @parameters = {}
    @events = []
    @expectations = []
  end

  def parameters(&block)
    @parameters = block.call
  end

  def in_event(&block)
    data = block.call
    data = [data] unless data.is_a?(Array)
    @events.concat(data)
  end

  def expect(text, &block)
    @expectations << [text, block]
  end

  # What went wrong, as texts.
  def run(script)
    script.__fresh do
      script.register(@parameters) if script.respond_to?(:register)
      results = []
      @events.each do |data|
        results.concat(script.filter(data.is_a?(LogStash::Event) ? data : LogStash::Event.new(data)))
      end
      failed = @expectations.reject { |_, block| block.call(results) }
      failed.map { |text, _| "test \"#{@name}\": expectation \"#{text}\" does not hold" }
    end
  rescue => error
    ["test \"#{@name}\": #{error.message} (#{error.class})"]
  end
end

def self.test(name, &block)
  (@__tests ||= []) << [name, block]
end

def self.concurrency(_mode) end

# Runs the block with none of the script's variables set, and puts them back.
def self.__fresh
  saved = instance_variables.map { |name| [name, instance_variable_get(name)] }
  saved.each { |name, _| remove_instance_variable(name) }
  begin
    yield
  ensure
    instance_variables.each { |name| remove_instance_variable(name) }
    saved.each { |name, value| instance_variable_set(name, value) }
  end
end

def self.__start_script(params)
  raise NotImplementedError, 'the script defines no filter(event)' unless respond_to?(:filter)
  tests = @__tests || []
  @__tests = nil
  script = self
  failures = tests.map do |name, block|
    test = ScriptTest.new(name)
    test.instance_eval(&block)
    test.run(script)
  end.flatten
  raise failures.join('; ') unless failures.empty?
  register(params) if respond_to?(:register)
end

def self.__run_script(event, new_event_block)
  results = filter(event)
  unless results.is_a?(Array)
    raise "filter(event) must give a list of events, not #{results.inspect}"
  end
  kept = false
  results.each do |result|
    raise "filter(event) gave something that is no event: #{result.inspect}" unless result.is_a?(LogStash::Event)
    if result.equal?(event)
      kept = true
    else
      new_event_block.call(result)
    end
  end
  event.cancel unless kept
end

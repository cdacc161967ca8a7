# OpenStruct and Set.

class OpenStruct
  def initialize(values = {})
    @table = {}
    values.each { |name, value| @table[name.to_sym] = value }
  end

  def [](name)
    @table[name.to_sym]
  end

  def []=(name, value)
    @table[name.to_sym] = value
  end

  def to_h
    @table.dup
  end

  def respond_to?(name, *)
    @table.key?(name.to_s.chomp('=').to_sym) || super
  end

  def method_missing(name, *arguments)
    text = name.to_s
    return @table[text[0...-1].to_sym] = arguments[0] if text.end_with?('=')
    @table[name]
  end
end

class Set
  include Enumerable

  def self.[](*items)
    new(items)
  end

  def initialize(items = nil, &block)
    @hash = {}
    items = items.map(&block) if items && block
    items.each { |item| @hash[item] = true } if items
  end

  def add(item)
    @hash[item] = true
    self
  end
  alias << add

  def add?(item)
    include?(item) ? nil : add(item)
  end

  def delete(item)
    @hash.delete(item)
    self
  end

  def include?(item)
    @hash.key?(item)
  end
  alias member? include?
  alias === include?
  alias contain? include?

  def each(&block)
    return to_enum(:each) unless block
    @hash.each_key(&block)
    self
  end

  def size
    @hash.size
  end
  alias length size
  alias count size

  def count(*arguments, &block)
    arguments.empty? && !block ? size : super
  end

  def empty?
    @hash.empty?
  end

  def clear
    @hash.clear
    self
  end

  def to_a
    @hash.keys
  end

  def to_set
    self
  end

  def dup
    Set.new(to_a)
  end

  def merge(*others)
    others.each { |items| items.each { |item| add(item) } }
    self
  end

  def |(other)
    dup.merge(other)
  end
  alias + |
  alias union |

  def &(other)
    Set.new(other.select { |item| include?(item) })
  end
  alias intersection &

  def -(other)
    Set.new(to_a - other.to_a)
  end
  alias difference -

  def ^(other)
    (self | other) - (self & other)
  end

  def subset?(other)
    all? { |item| other.include?(item) }
  end
  alias <= subset?

  def superset?(other)
    other.all? { |item| include?(item) }
  end
  alias >= superset?

  def intersect?(other)
    other.any? { |item| include?(item) }
  end

  def disjoint?(other)
    !intersect?(other)
  end

  def delete_if(&block)
    to_a.each { |item| delete(item) if block.call(item) }
    self
  end

  def ==(other)
    other.is_a?(Set) && size == other.size && subset?(other)
  end

  def hash
    to_a.hash
  end

  def inspect
    "#<Set: {#{to_a.map(&:inspect).join(', ')}}>"
  end
  alias to_s inspect
end

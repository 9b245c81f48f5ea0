# Gem::Version and Gem::Requirement: "left TAB right" gives -1, 0, 1 or x; with --ranges, "version TAB requirement".
require "rubygems"

ranges = ARGV[0] == "--ranges"
$stdin.each_line do |line|
  left, right = line.chomp.split("\t", -1)
  begin
    if ranges
      requirement = Gem::Requirement.new(right.split(",").map(&:strip))
      puts requirement.satisfied_by?(Gem::Version.new(left)) ? 1 : 0
    elsif left.strip.empty? || right.strip.empty?
      puts "x"
    else
      puts Gem::Version.new(left) <=> Gem::Version.new(right)
    end
  rescue ArgumentError
    puts "x"
  end
end

# Dpkg::Version (libdpkg-perl): a line "left TAB right" gives -1, 0, 1, or x where one is no version.
use strict;
use warnings;
use Dpkg::Version;

my %known;

sub parsed {
    my $text = shift;
    return $known{$text} if exists $known{$text};
    %known = () if keys %known > 10000;
    return $known{$text} = Dpkg::Version->new($text, check => 0);
}

sub valid {
    my $text = shift;
    return 0 if $text =~ /^\d+:$/;
    my ($ok, $why) = Dpkg::Version::version_check(parsed($text));
    if (!$ok && $why =~ /does not start with digit/) {    # of which dpkg only warns
        $text =~ s/^(\d+:)?/($1 \/\/ "") . "0"/e;
        ($ok, $why) = Dpkg::Version::version_check(parsed($text));
    }
    return $ok;
}

while (my $line = <STDIN>) {
    chomp $line;
    my ($left, $right) = split /\t/, $line, -1;
    if (!valid($left) || !valid($right)) { print "x\n"; next }
    my $order = parsed($left) <=> parsed($right);
    print(($order > 0) - ($order < 0), "\n");
}

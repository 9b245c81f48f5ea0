<?php
// composer/semver: "left TAB right" gives -1, 0, 1 or x; with --ranges, "version TAB constraint" gives 1, 0 or x.
require "Composer/Semver/autoload.php";

use Composer\Semver\Semver;
use Composer\Semver\VersionParser;

$parser = new VersionParser();
$ranges = in_array("--ranges", $argv, true);
$constraints = [];
while (($line = fgets(STDIN)) !== false) {
    [$left, $right] = explode("\t", rtrim($line, "\n"));
    try {
        $one = $parser->normalize($left);
        if ($ranges) {
            $constraints[$right] ??= $parser->parseConstraints($right);
            $provider = new Composer\Semver\Constraint\Constraint("==", $one);
            echo $constraints[$right]->matches($provider) ? 1 : 0, "\n";
            if (count($constraints) > 10000) {
                $constraints = [];
            }
            continue;
        }
        $other = $parser->normalize($right);
        $branch = str_starts_with($one, "dev-") || str_starts_with($other, "dev-");
        echo $branch ? "x" : version_compare($one, $other), "\n";
    } catch (\UnexpectedValueException $error) {
        echo "x\n";
    }
}

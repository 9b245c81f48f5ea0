<?php
// composer/semver: "left TAB right" gives -1, 0, 1 or x; with --ranges, "version TAB constraint" gives 1, 0 or x.
require "Composer/Semver/autoload.php";

use Composer\Semver\Semver;
use Composer\Semver\VersionParser;

$parser = new VersionParser();
$ranges = in_array("--ranges", $argv, true);
while (($line = fgets(STDIN)) !== false) {
    [$left, $right] = explode("\t", rtrim($line, "\n"));
    try {
        $one = $parser->normalize($left);
        if ($ranges) {
            // the alternatives one by one: Composer joins ">=1 <2 || >=2 <1" to ">=1 <1", though the second is empty
            $parser->parseConstraints($right);
            $provider = new Composer\Semver\Constraint\Constraint("==", $one);
            $matches = false;
            foreach (preg_split('{\s*\|\|?\s*}', trim($right)) as $option) {
                $matches = $parser->parseConstraints($option)->matches($provider) || $matches;
            }
            echo $matches ? 1 : 0, "\n";
            continue;
        }
        $other = $parser->normalize($right);
        $branch = str_starts_with($one, "dev-") || str_starts_with($other, "dev-");
        echo $branch ? "x" : version_compare($one, $other), "\n";
    } catch (\UnexpectedValueException $error) {
        echo "x\n";
    }
}

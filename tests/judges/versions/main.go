// Judges Go versions: golang.org/x/mod/semver for module versions, go/version for toolchains.
// A line "left TAB right" gives -1, 0, 1, or x where one is no version or the two are not of one kind.
package main

import (
	"bufio"
	"fmt"
	"go/version"
	"os"
	"strings"

	"golang.org/x/mod/semver"
)

func main() {
	input := bufio.NewScanner(os.Stdin)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for input.Scan() {
		left, right, _ := strings.Cut(input.Text(), "\t")
		switch {
		case semver.IsValid(left) && semver.IsValid(right):
			fmt.Fprintln(output, semver.Compare(left, right))
		case version.IsValid(left) && version.IsValid(right):
			fmt.Fprintln(output, version.Compare(left, right))
		default:
			fmt.Fprintln(output, "x")
		}
	}
}

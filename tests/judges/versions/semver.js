// npm's semver: "left TAB right" gives -1, 0, 1 or x; with --ranges, "version TAB range" gives 1, 0 or x.
const { readFileSync } = require("fs")
const semver = require(process.env.SEMVER)
const [mode, prereleases] = process.argv.slice(2)
const loose = { loose: true }
// where the loose mode reads 1.2.34.5 as 1.2.3-4.5, we have no version
const four = /^[v=\s]*\d+\.\d+\.\d+\./
const answers = []
for (const line of readFileSync(0, "utf8").split("\n")) {
  if (line === "") continue
  const [left, right] = line.split("\t")
  if (mode === "--ranges") {
    if (semver.validRange(right) === null) answers.push("x")
    else answers.push(semver.satisfies(left, right, { includePrerelease: prereleases === "1" }) ? 1 : 0)
  } else if (four.test(left) || four.test(right)) answers.push("x")
  else if (semver.parse(left, loose) === null || semver.parse(right, loose) === null) answers.push("x")
  else answers.push(semver.compare(left, right, loose))
}
console.log(answers.join("\n"))

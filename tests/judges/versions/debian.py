"""apt (python3-apt) and rpm (python3-rpm), which live in the system's Python: `debian.py dpkg|rpm`."""

import sys


def order(number):
    return (number > 0) - (number < 0)


if sys.argv[1] == "dpkg":
    import apt_pkg

    apt_pkg.init_system()
    compare = apt_pkg.version_compare
else:
    import rpm

    def parts(text):
        epoch, colon, rest = text.partition(":")
        if not colon or (epoch and not epoch.isdigit()):
            epoch, rest = "", text
        version, hyphen, release = rest.rpartition("-")
        return (epoch or "0", version, release) if hyphen else (epoch or "0", rest, None)

    def compare(left, right):
        return rpm.labelCompare(parts(left), parts(right))


for line in sys.stdin:
    left, right = line.rstrip("\n").split("\t")
    try:
        print(order(compare(left, right)))
    except ValueError:
        print("x")

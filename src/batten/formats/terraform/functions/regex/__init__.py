"""Regular expressions as Go knows them (RE2 syntax, https://github.com/google/re2/wiki/Syntax).

They are another's making, and so is the text: a machine that goes over the text once, with all that may match at
a time, needs no more steps than their lengths multiplied. Python's own may need years.
"""

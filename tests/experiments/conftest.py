"""The scripts in `reference/` need other libraries: they write what the tests read, and are no tests themselves."""

collect_ignore = ["reference"]

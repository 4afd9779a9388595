"""The scripts in `reference/` need other libraries. They write what the tests read, and are no tests."""

collect_ignore = ["reference"]

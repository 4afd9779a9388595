"""The ``claims`` directive: the table of all claims, made from the one file that the tests read, too."""

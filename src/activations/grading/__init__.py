"""Assign and grade: checks for the notebooks, releases of them, and the safe driver around nbgrader."""

"""A course on activation functions: the package that every chapter imports."""

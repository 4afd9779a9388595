"""Run the command as ``python -m activations.grading``."""

from activations.grading.cli import main

if __name__ == "__main__":
    main(prog_name="activations-grade")

"""What a submission may use."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What one submission may use; sizes in megabytes, times in seconds.

    Attributes
    ----------
    cell_seconds : float
        A cell is interrupted after this time.
    grace_seconds : float
        A cell that ignores the interrupt is stopped after this time more, and its sandbox with it.
    total_seconds : float
        All cells together.
    memory_mb : int
        Address space of the process.
    disk_mb : int
        The folder for temporary files, and each file in it.
    processes : int
        Threads of the student's user. New processes are refused anyway.
    output_mb : float
        What one cell may print and show.
    notebook_mb : float
        The file that is handed in.
    restarts : int
        How often a submission that ends its own process is taken up again behind the cell that did it.

    Examples
    --------
    >>> Limits(cell_seconds=5).total_seconds
    300.0
    """

    cell_seconds: float = 60.0
    grace_seconds: float = 5.0
    total_seconds: float = 300.0
    memory_mb: int = 2_000
    disk_mb: int = 50
    processes: int = 64
    output_mb: float = 1.0
    notebook_mb: float = 20.0
    restarts: int = 2

    def for_runner(self) -> dict[str, int]:
        """Return the limits that the runner sets on itself, in the system's units."""
        return {
            "memory": self.memory_mb * MEGABYTE,
            "file_size": self.disk_mb * MEGABYTE,
            "processes": self.processes,
            "cpu": int(self.total_seconds + self.grace_seconds) + 1,
            "output": int(self.output_mb * MEGABYTE),
        }

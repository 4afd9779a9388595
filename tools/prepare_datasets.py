"""Make the data files that ship in ``src/activations/datasets/data``.

Run it only to reproduce those files; nobody needs it to use the package::

    python -m pip install vega_datasets==0.9.0 scikit-learn
    python tools/prepare_datasets.py

The rows come from two Python packages that carry copies of the UCI data sets, so that this script
asks no web page for anything. Each copy was compared, value by value, with the text file that the UCI
repository distributes (``auto-mpg.data``, ``wdbc.data``, ``optdigits.tes``). One difference was found,
in the cars, and is mended below. Running the script twice writes the same bytes.
"""

import csv
import gzip
import hashlib
import io
import json
from importlib.resources import files
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "src" / "activations" / "datasets" / "data"

ORIGINS = {"USA": 1, "Europe": 2, "Japan": 3}  # UCI's own codes

CELL_MEASUREMENTS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


def auto_mpg() -> str:
    """Return the 392 complete rows of Auto MPG as CSV text, in the order of UCI's file."""
    cars = json.loads(files("vega_datasets").joinpath("_data", "cars.json").read_text(encoding="utf-8"))
    # UCI's file leaves out the 8 cars of unknown consumption; 398 remain.
    cars = [car for car in cars if car["Miles_per_Gallon"] is not None]
    years = [int(car["Year"][:4]) - 1900 for car in cars]
    # The package dates the 29 cars of model year 1981 to 1982. UCI's file, in the same order, is
    # sorted by model year and has 29 cars of 1981 before 31 of 1982 (counted before the incomplete
    # rows go), so the first 29 "1982" cars are those of 1981.
    first = years.index(82)
    if (len(cars), years.count(81), years.count(82)) != (398, 0, 60):
        raise SystemExit("prepare_datasets: vega_datasets has changed; compare its cars with UCI's file")
    years[first : first + 29] = [81] * 29

    header = [
        "cylinders",
        "displacement",
        "horsepower",
        "weight",
        "acceleration",
        "model year",
        "origin",
        "mpg",
    ]
    rows = [
        [
            car["Cylinders"],
            car["Displacement"],
            car["Horsepower"],
            car["Weight_in_lbs"],
            car["Acceleration"],
            year,
            ORIGINS[car["Origin"]],
            car["Miles_per_Gallon"],
        ]
        for car, year in zip(cars, years, strict=True)
        if car["Horsepower"] is not None
    ]
    return as_csv(header, rows)


def breast_cancer() -> str:
    """Return the 569 rows of WDBC as CSV text, with 1 for a malignant tumour."""
    text = files("sklearn.datasets.data").joinpath("breast_cancer.csv").read_text(encoding="utf-8")
    header = [
        f"{statistic} {measurement}"
        for statistic in ("mean", "standard error of", "worst")
        for measurement in CELL_MEASUREMENTS
    ]
    # scikit-learn codes malignant as 0. A positive test means disease, so here it is 1.
    rows = [[*row[:-1], 1 - int(row[-1])] for row in csv.reader(text.splitlines()[1:])]
    return as_csv([*header, "malignant"], rows)


def digits() -> str:
    """Return the 1797 images of the test part of Optdigits as CSV text, the label last."""
    packed = files("sklearn.datasets.data").joinpath("digits.csv.gz").read_bytes()
    header = [f"pixel {row} {column}" for row in range(8) for column in range(8)]
    rows = [
        [int(float(value)) for value in row]
        for row in csv.reader(gzip.decompress(packed).decode().splitlines())
    ]
    return as_csv([*header, "digit"], rows)


def as_csv(header: list[str], rows: list[list[object]]) -> str:
    """Return a header and rows as CSV text; whole numbers lose their ``.0``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(
        [int(value) if isinstance(value, float) and value.is_integer() else value for value in row]
        for row in rows
    )
    return text.getvalue()


def main() -> None:
    """Write the three files and print their checksums, as the README beside them lists them."""
    contents = {
        "auto_mpg.csv": auto_mpg().encode(),
        "breast_cancer.csv": breast_cancer().encode(),
        # mtime=0 keeps the time of day out of the archive, and with it out of the checksum.
        "digits.csv.gz": gzip.compress(digits().encode(), 9, mtime=0),
    }
    for name, content in contents.items():
        (DATA / name).write_bytes(content)
        print(f"{hashlib.sha256(content).hexdigest()}  {name}  {len(content)} bytes")


if __name__ == "__main__":
    main()

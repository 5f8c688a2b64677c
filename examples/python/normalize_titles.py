#!/usr/bin/env python3
"""Counts the job titles of a CSV file by standard level, and lists those without one.

    normalize_titles.py [FILE [COLUMN]]

Without arguments it reads the column "Job Title" of examples/data/customers.csv. It needs the module firmograph:
`scripts/python-env` builds it, then `target/python-env/bin/python examples/python/normalize_titles.py`.
"""

import csv
import sys
from collections import Counter
from pathlib import Path

import firmograph as fg

DATA = Path(__file__).resolve().parents[1] / "data"


def main(file=DATA / "customers.csv", column="Job Title"):
    levels = Counter()
    unmatched = Counter()
    with open(file, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            title = fg.match_job_title(row[column])
            if title is None:
                unmatched[row[column]] += 1
            else:
                levels[title.level, title.level_name] += 1
    for (level, name), count in sorted(levels.items()):
        print(f"{count:5}  {level:2} {name}")
    for raw, count in unmatched.most_common():
        print(f"{count:5}  no level: {raw!r}")


if __name__ == "__main__":
    main(*sys.argv[1:])

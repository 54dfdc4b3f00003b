#!/usr/bin/env python3
"""Writes data/spine.csv: one row per rating of MovieLens 100k, in the order of the file.

Keys user_id, movie_id and genre (the title's first), the time of the rating, and the label: a rating of 4 or 5.
"""
import csv
import datetime
import pathlib
import sys


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def main(data):
    genres = {row["item_id:token"]: row["class:token_seq"].split(" ")[0] for row in read(data / "ml-100k.item")}
    with (data / "spine.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["user_id", "movie_id", "genre", "event_timestamp", "label"])
        for row in read(data / "ml-100k.inter"):
            seconds = int(float(row["timestamp:float"]))
            time = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
            movie = row["item_id:token"]
            out.writerow([row["user_id:token"], movie, genres[movie], time.strftime("%Y-%m-%d %H:%M:%S"),
                          int(float(row["rating:float"]) >= 4)])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "data"))

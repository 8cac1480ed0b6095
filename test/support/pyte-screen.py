"""Replays terminal output into pyte and prints the screen at each checkpoint.

usage: pyte-screen.py COLS ROWS FILE OFFSET...   (offsets ascend; each is a number of bytes of FILE)
prints a JSON list of {"lines": [...], "cursor": [x, y]}
"""

import json
import sys

import pyte


def main():
    cols, rows = int(sys.argv[1]), int(sys.argv[2])
    with open(sys.argv[3], "rb") as file:
        output = file.read()
    screen = pyte.Screen(cols, rows)
    stream = pyte.ByteStream(screen)
    shown, fed = [], 0
    for offset in map(int, sys.argv[4:]):
        stream.feed(output[fed:offset])
        fed = offset
        shown.append({
            "lines": [line.rstrip() for line in screen.display],
            "cursor": [min(screen.cursor.x, cols - 1), screen.cursor.y],
        })
    json.dump(shown, sys.stdout)


main()

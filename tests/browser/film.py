"""What Chromium's fake camera sees: codes drawn on paper, as a film of one picture."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import segno

WIDTH, HEIGHT = 640, 480
PAPER, INK, GREY = 235, 16, 128
_QUIET = 4  # modules of white around a code

Modules = Sequence[Sequence[bool]]

# "AMC 99000712 ADH 00901486" as a DataMatrix (ECC 200, 18 x 18), drawn by zxing-cpp's writer:
# a card's, but not ours.
DATA_MATRIX = """
#.#.#.#.#.#.#.#.#. #.##..#.....#..### #..###..##..#.#... ###.#...#..#.#..## #.#.#.#..###......
#.....#..#.####.## #..#....#.....###. #.#.##.#.....##..# #.#...##..#.#..#.. #...#...#......###
##..#..#.#..#.#... #..#..####....##.# ##.#.##.#..#..#... #.#..##..#.##.#### #.###.#.##.#.##...
#...#.###..#..##.# ###.....#.#...###. ##################
"""


def data_matrix() -> Modules:
    """Return the modules of a DataMatrix that is not ours."""
    return [[sign == "#" for sign in line] for line in DATA_MATRIX.split()]


def qr(text: str) -> Modules:
    """Return the modules of a QR code as docs/card.md has it printed."""
    code = segno.make_qr(text, error="m", boost_error=False)
    return [[bool(module) for module in line] for line in code.matrix]


def film(path: Path, *codes: Modules) -> None:
    """Write a film (YUV4MPEG2) whose one picture shows these codes beside each other."""
    picture = [bytearray([PAPER]) * WIDTH for _ in range(HEIGHT)]
    room = WIDTH // max(1, len(codes))
    for place, code in enumerate(codes):
        _draw(picture, code, room * place, room)
    luma = b"".join(picture)
    colour = bytes([GREY]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    # Over the one that is there, which is as long: a camera that is still open reads on in it.
    path.touch()
    with path.open("r+b") as written:
        written.write(head + b"FRAME\n" + luma + colour)


def _draw(picture: list[bytearray], code: Modules, left: int, room: int) -> None:
    side = min(room, HEIGHT) // (len(code) + 2 * _QUIET)
    for row, column in _dark(code):
        x, y = left + (column + _QUIET) * side, (row + _QUIET) * side
        for line in picture[y : y + side]:
            line[x : x + side] = bytes([INK]) * side


def _dark(code: Modules) -> Iterable[tuple[int, int]]:
    return ((r, c) for r, line in enumerate(code) for c, dark in enumerate(line) if dark)

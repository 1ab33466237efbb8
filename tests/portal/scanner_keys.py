"""The keys that a scanner presses, and what keyboards of two countries make of them."""

import string

# Where an American keyboard has each sign, and whether with shift.
PLACES = (
    {letter: (f"Key{letter}", True) for letter in string.ascii_uppercase}
    | {digit: (f"Digit{digit}", False) for digit in string.digits}
    | {":": ("Semicolon", True), "+": ("Equal", True)}
)
# What a French keyboard writes there, without and with shift.
FRENCH = {f"Key{letter}": (letter.lower(), letter) for letter in string.ascii_uppercase} | {
    "KeyA": ("q", "Q"), "KeyQ": ("a", "A"), "KeyW": ("z", "Z"), "KeyZ": ("w", "W"),
    "KeyM": (",", "?"), "Semicolon": ("m", "M"), "Equal": ("=", "+"),
    "Digit1": ("&", "1"), "Digit2": ("é", "2"), "Digit3": ('"', "3"), "Digit4": ("'", "4"),
    "Digit5": ("(", "5"), "Digit6": ("-", "6"), "Digit7": ("è", "7"), "Digit8": ("_", "8"),
    "Digit9": ("ç", "9"), "Digit0": ("à", "0"),
}  # fmt: skip

Keys = list[tuple[str, str, float]]


def typed(
    text: str, *, layout: str = "american", caps: str = "", every: float = 8, named: bool = True
) -> Keys:
    """Return the keys of a scanner set to an American keyboard.

    ``caps`` says whose caps lock is on: of Windows (it shifts the row of digits and the signs too),
    or another's (it makes capitals only). ``named``: the computer says which key it was.
    """
    keys: Keys = []
    for place, sign in enumerate(text):
        code, shifted = PLACES[sign]
        if layout == "american":
            key = sign
        elif caps == "windows":
            key = FRENCH[code][not shifted]
        elif caps:
            key = FRENCH[code][shifted]
            key = key.swapcase() if key.isalpha() else key
        else:
            key = FRENCH[code][shifted]
        keys.append((key, code if named else "", 1_000 + every * place))
    return [*keys, ("Enter", "Enter" if named else "", 1_000 + every * len(text))]

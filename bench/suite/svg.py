"""A plot with two logarithmic axes, as SVG text. The same figures give the same bytes."""
import dataclasses
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 680, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 210, 46, 52  # margins; the names of the lines are in the right one
LABEL_HEIGHT = 15
COLOURS = ["#0b6e99", "#c4501b", "#5b8c2a", "#7a4fa3"]
FONT = "font-family=\"system-ui, sans-serif\""


@dataclasses.dataclass(frozen=True)
class Line:
    name: str
    points: list  # of (x, y), all above zero


class LogAxis:
    """Whole decades that hold all values, on a stretch of the picture."""

    def __init__(self, values, start, end):
        self.low = math.floor(math.log10(min(values)) + 1e-9)
        self.high = max(math.ceil(math.log10(max(values)) - 1e-9), self.low + 1)
        self.start, self.end = start, end

    def place(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def decades(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def number_text(value):
    """1,000,000 as 10⁶ would be read more slowly than as 1 M."""
    for size, sign in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:g}{sign}"
    return f"{value:g}"


def spaced(heights):
    """Places of labels that want to be at `heights`: in their order, none over another."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed, last = dict(), -math.inf
    for i in order:
        last = placed[i] = max(heights[i], last + LABEL_HEIGHT)
    return [placed[i] for i in range(len(heights))]


def text(x, y, words, size=12, anchor="start", colour="#333", more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" {FONT}{more}>{escape(words)}</text>')


def grid(x_axis, y_axis):
    parts = []
    for value in y_axis.decades():
        y = y_axis.place(value)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, number_text(value), anchor="end"))
    for value in x_axis.decades():
        x = x_axis.place(value)
        parts.append(f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(text(x, HEIGHT - BOTTOM + 18, number_text(value), anchor="middle"))
    return parts


def curve(line, colour, x_axis, y_axis, label_y):
    places = [(x_axis.place(x), y_axis.place(y)) for x, y in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
    parts.append(text(WIDTH - RIGHT + 10, label_y + 4, line.name, colour=colour))
    return parts


def plot(title, x_name, y_name, lines):
    """The whole file."""
    x_axis = LogAxis([x for line in lines for x, _ in line.points], LEFT, WIDTH - RIGHT)
    y_axis = LogAxis([y for line in lines for _, y in line.points], HEIGHT - BOTTOM, TOP)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             f'width="{WIDTH}" height="{HEIGHT}">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             text(LEFT, 26, title, 15, colour="#111", more=' font-weight="600"')]
    parts += grid(x_axis, y_axis)
    labels = spaced([y_axis.place(line.points[-1][1]) for line in lines])
    for line, colour, label_y in zip(lines, COLOURS, labels):
        parts += curve(line, colour, x_axis, y_axis, label_y)
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_name, anchor="middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(text(18, middle, y_name, anchor="middle",
                      more=f' transform="rotate(-90 18 {middle:.1f})"'))
    return "\n".join(parts + ["</svg>"]) + "\n"

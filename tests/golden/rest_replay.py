"""Sends recorded REST conversations to a server and says where its answers differ.

usage: rest_replay.py PORT FILE...    every difference, one a line; exit status 0 if there is none

A transcript is {"cases": [{"name", "steps": [...]}]}; tests/golden/rest/README.md describes it. Each
case makes its own repository, so cases stand alone. Only the standard library is needed.
"""
import base64
import http.client
import json
import pathlib
import re
import secrets
import sys
import tempfile
import time
import urllib.parse

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SETUP = {"username": "admin", "key": {"access_key_id": KEY, "secret_access_key": SECRET}}
POLL_SECONDS_MAX, POLL_SECONDS = 30, 0.1
TOLERANCE_SECONDS = 600  # of "now", against slow machines

# Compared whether the transcript lists them or not: what is not listed must not be there.
STRICT_HEADERS = ["Content-Type", "ETag", "Content-Range", "Accept-Ranges", "Last-Modified", "Location", "WWW-Authenticate",
                  "Content-Disposition", "Set-Cookie", "Access-Control-Allow-Origin"]
# Compared only where the transcript lists them.
LISTED_HEADERS = ["X-Content-Type-Options", "Cache-Control", "Content-Length"]

OUTSIDE_FILES = {"a/1.txt": "one", "a/2.txt": "two!", "a/sub/3.txt": "three", "b/4.txt": "four", "b/empty": "", "single.bin": "single"}
PATTERNS = {
    "id": r"[A-Za-z0-9_-]+", "token": r"\S+", "digits": r"\d+", "text": r"(?s:.+)", "bytes": r"(?s:.*)",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "httptime": r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
    "address": r"[a-z][a-z0-9+.-]*://\S+", "hash": r"[0-9a-f]{64}",
}
ABSENT = object()


class Difference(Exception):
    """Where an answer is not what was recorded: a place and what was there."""


def follow(document, pointer):
    """The value at a JSON pointer, or ABSENT. A part [key=value] picks the first row that has it."""
    for part in pointer.split("/")[1:]:
        if isinstance(document, list) and part.startswith("["):
            key, _, wanted = part[1:-1].partition("=")
            document = next((row for row in document if str(row.get(key)) == wanted), ABSENT)
        elif isinstance(document, list):
            document = document[int(part)] if int(part) < len(document) else ABSENT
        elif isinstance(document, dict):
            document = document.get(part.replace("~1", "/").replace("~0", "~"), ABSENT)
        else:
            return ABSENT
    return document


class Variables:
    """What ${...} stands for in one case, and which hash each <hash:N> was."""

    def __init__(self, outside_folder):
        self.values = {"repo": "t" + secrets.token_hex(5), "files": outside_folder}
        self.hashes = {}

    def fill(self, value, counter=None):
        if isinstance(value, str):
            return re.sub(r"\$\{(\w+)(?:([:*])(\d+))?\}", lambda found: self._one(found, counter), value)
        if isinstance(value, list):
            return [self.fill(item, counter) for item in value]
        if isinstance(value, dict) and "<repeat>" in value:
            return [self.fill(value["item"], f"{i:04d}") for i in range(value["<repeat>"])]
        if isinstance(value, dict):
            return {self.fill(key, counter): self.fill(item, counter) for key, item in value.items()}
        return value

    def _one(self, found, counter):
        name, operator, number = found.groups()
        if operator == "*":
            return name * int(number)
        value = counter if name == "i" and counter is not None else str(self.values[name])
        return value[:int(number)] if operator == ":" else value

    def matches_hash(self, number, text):
        """Equal numbers are equal hashes, different ones different hashes."""
        known = self.hashes.setdefault(number, text)
        return known == text and sum(1 for other in self.hashes.values() if other == text) == 1


class Comparison:
    """One answer against what was recorded."""

    def __init__(self, variables, unordered):
        self.variables, self.unordered = variables, unordered

    def text(self, want, got, place):
        if want == got:
            return
        if not isinstance(got, str):
            raise Difference(f"{place}: expected {want!r}, got {got!r}")
        numbers, pattern = [], []
        # The local store shows full addresses below its own folder, wherever that is.
        for piece in re.split(r"(<(?:hash(?::\d+)?|\w+)>|STORE)", want):
            name = piece[1:-1]
            if piece == "STORE":
                pattern.append(r"[^\s,]*")
            elif piece.startswith("<hash:"):
                numbers.append(name[5:])
                pattern.append("([0-9a-f]{64})")
            elif piece.startswith("<") and name in PATTERNS:
                pattern.append("(?:" + PATTERNS[name] + ")")
            else:
                pattern.append(re.escape(piece))
        found = re.fullmatch("".join(pattern), got)
        hashes = [group for group in found.groups() if group and len(group) == 64] if found else []
        if not found or not all(self.variables.matches_hash(n, h) for n, h in zip(numbers, hashes)):
            raise Difference(f"{place}: expected {want!r}, got {got!r}")

    def value(self, want, got, place):
        if want == "<unixtime>":
            if isinstance(got, bool) or not isinstance(got, int) or abs(got - time.time()) > TOLERANCE_SECONDS + 7 * 86400:
                raise Difference(f"{place}: expected seconds of about now, got {got!r}")
        elif isinstance(want, str):
            self.text(want, got, place)
        elif isinstance(want, dict) and isinstance(got, dict):
            for key in sorted(want.keys() | got.keys()):
                if key not in got or key not in want:
                    raise Difference(f"{place}/{key}: {'missing' if key not in got else 'unexpected'}")
            for key in want:
                self.value(want[key], got[key], f"{place}/{key}")
        elif isinstance(want, list) and isinstance(got, list):
            if len(want) != len(got):
                raise Difference(f"{place}: expected {len(want)} items, got {len(got)}")
            match = self.bag if place in self.unordered else self.sequence
            match(want, got, place)
        elif type(want) is not type(got) or want != got:
            raise Difference(f"{place}: expected {want!r}, got {got!r}")

    def sequence(self, want, got, place):
        for index, (one, other) in enumerate(zip(want, got)):
            self.value(one, other, f"{place}/{index}")

    def bag(self, want, got, place):
        left = list(got)
        for one in want:
            for index, other in enumerate(left):
                before = dict(self.variables.hashes)
                try:
                    self.value(one, other, f"{place}/*")
                except Difference:
                    self.variables.hashes = before
                    continue
                del left[index]
                break
            else:
                raise Difference(f"{place}: nothing like {one!r} among {left!r}")

    def headers(self, want, answer, method):
        for name in STRICT_HEADERS + [listed for listed in LISTED_HEADERS if listed in want]:
            expected, got = want.get(name, ABSENT), answer.headers.get(name, ABSENT)
            if expected is ABSENT and got is ABSENT:
                continue
            if expected is ABSENT or got is ABSENT:
                raise Difference(f"header {name}: expected {'none' if expected is ABSENT else repr(expected)}, "
                                 f"got {'none' if got is ABSENT else repr(got)}")
            self.text(expected, got, f"header {name}")

    def body(self, expect, answer, is_opaque):
        if is_opaque:
            if not answer.body:
                raise Difference("body: empty")
        elif "json" in expect:
            try:
                got = json.loads(answer.body)
            except ValueError:
                raise Difference(f"body: not JSON: {answer.body[:80]!r}") from None
            self.value(expect["json"], got, "")
        elif "base64" in expect:
            if base64.b64decode(expect["base64"]) != answer.body:
                raise Difference(f"body: other bytes: {answer.body[:80]!r}")
        else:
            self.text(expect.get("text", ""), answer.body.decode(errors="replace"), "body")


class Answer:
    def __init__(self, response):
        self.status, self.body, self.headers = response.status, response.read(), {}
        for name, value in response.getheaders():
            canonical = next((known for known in STRICT_HEADERS + LISTED_HEADERS if known.lower() == name.lower()), name)
            self.headers.setdefault(canonical, value)


class Replay:
    """Plays transcripts against the server at `port`."""

    def __init__(self, port=0):
        self.port = port
        self.outside = tempfile.TemporaryDirectory(prefix="varve-outside-")
        for name, content in OUTSIDE_FILES.items():
            path = pathlib.Path(self.outside.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)

    def set_up(self):
        """Makes the administrator unless there is one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/api/v1/setup_lakefs", json.dumps(SETUP), {"Content-Type": "application/json"})
        status = connection.getresponse().status
        assert status in (200, 409), status

    def fault_of(self, case):
        """The first difference of a case, as text; what follows it depends on it. None: there is none."""
        variables = Variables(self.outside.name)
        for number, step in enumerate(case["steps"], 1):
            try:
                self.step(step, variables)
            except (Difference, KeyError, OSError) as problem:
                return f"{case['name']}: step {number}: {step['method']} {step['path']}: {problem}"
        return None

    def step(self, step, variables):
        deadline = time.monotonic() + POLL_SECONDS_MAX
        answer = self.send(step, variables)
        while "until" in step and time.monotonic() < deadline and not self.is_reached(step["until"], answer, variables):
            time.sleep(POLL_SECONDS)
            answer = self.send(step, variables)
        expect = step["expect"]
        try:
            self.compare(step, expect, answer, variables)
        except Difference:
            # A known fault of the recorded server, where another status is as good or better.
            if answer.status not in expect.get("also", []):
                raise
        if answer.status >= 400:
            return  # as recorded; there is nothing to go on with
        for name, source in step.get("capture", {}).items():
            variables.values[name] = self.capture(source, answer)

    def compare(self, step, expect, answer, variables):
        if answer.status != expect["status"]:
            raise Difference(f"status: expected {expect['status']}, got {answer.status}: {answer.body[:200].decode(errors='replace').strip()}")
        if set(expect) - {"also"} == {"status"}:
            return
        comparison = Comparison(variables, step.get("unordered", []))
        comparison.headers(variables.fill(expect.get("headers", {})), answer, step["method"])
        if step["method"] != "HEAD":
            comparison.body(variables.fill(expect), answer, step.get("opaque", False))

    @staticmethod
    def is_reached(until, answer, variables):
        if "status" in until:
            return answer.status == until["status"]
        try:
            document = json.loads(answer.body)
        except ValueError:
            return False
        return all(follow(document, pointer) == variables.fill(value) for pointer, value in until.items())

    @staticmethod
    def capture(source, answer):
        if source == "text":
            return answer.body.decode()
        kind, _, name = source.partition(":")
        if kind == "header":
            return answer.headers[name]
        if kind == "cookie":
            return re.search(re.escape(name) + "=([^;]*)", answer.headers["Set-Cookie"]).group(1)
        pointer, _, pattern = source.partition(" ~ ")
        value = follow(json.loads(answer.body), pointer)
        if value is ABSENT:
            raise Difference(f"nothing at {pointer} to go on with")
        return re.search(pattern, value).group(0) if pattern else value

    def send(self, step, variables):
        path = variables.fill(step["path"])
        query = [(name, item) for name, value in variables.fill(step.get("query", {})).items()
                 for item in (value if isinstance(value, list) else [value])]
        target = ("" if step.get("root") else "/api/v1") + urllib.parse.quote(path, safe="/%?=&+~^@$:,;!*'()")
        if query:
            target += ("&" if "?" in target else "?") + urllib.parse.urlencode(query)
        body, headers = None, self.credentials(step.get("auth", "admin"), variables)
        if "json" in step:
            body, headers["Content-Type"] = json.dumps(variables.fill(step["json"])).encode(), "application/json"
        elif "text" in step:
            body = variables.fill(step["text"]).encode()
        elif "base64" in step:
            body = base64.b64decode(step["base64"])
        for name, value in variables.fill(step.get("headers", {})).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        return self.exchange(step["method"], target, body, headers)

    def exchange(self, method, target, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value.encode() if isinstance(value, str) else value)
            if body is not None or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body or b"")))
            connection.endheaders(body or None)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    @staticmethod
    def credentials(auth, variables):
        if auth == "none":
            return {}
        if isinstance(auth, dict) and "bearer" in auth:
            return {"Authorization": "Bearer " + variables.fill(auth["bearer"])}
        key, secret = KEY, {"admin": SECRET, "bad": "wrong"}.get(auth if isinstance(auth, str) else "", "")
        if isinstance(auth, dict):
            key, secret = variables.fill(auth["key"]), variables.fill(auth["secret"])
        return {"Authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


def cases_of(paths):
    """All cases, those first that need a server that is not set up; the one that sets it up is the last of them."""
    cases = [case for path in paths for case in json.loads(pathlib.Path(path).read_text())["cases"]]
    return sorted(cases, key=lambda case: 1 if case.get("sets_up") else 0 if case.get("needs") else 2)


def main():
    replay, differing = Replay(int(sys.argv[1])), 0
    for case in cases_of(sys.argv[2:]):
        if not case.get("needs"):
            replay.set_up()
        if fault := replay.fault_of(case):
            differing += 1
            print(fault)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())

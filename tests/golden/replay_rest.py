#!/usr/bin/env python3
"""Replays REST transcripts against a server and compares every answer.

usage: replay_rest.py PORT FILE... [-v] [--ignore-messages] [--host HOST] [--only TEXT]

  -v                 one line per differing step instead of one per differing case
  --ignore-messages  compare status and shape, not the texts of error messages
  --only TEXT        only cases whose name contains TEXT

The server is fresh, or set up already with the keys below; the admin is created if setup is still open. Cases marked "needs": "open setup" run only on a fresh server, before all others.
Exit 0 when every case is equal. The format is described in tests/golden/rest/README.md.
"""
import argparse, base64, http.client, json, os, re, secrets, shutil, sys, tempfile, time, urllib.parse

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
# Compared in both directions: absent in the transcript means absent in the answer. Those in SHOULD are compared only when recorded.
HEADERS = ["Content-Type", "ETag", "Content-Range", "Accept-Ranges", "Last-Modified", "Location", "WWW-Authenticate", "Content-Disposition", "Set-Cookie",
           "Access-Control-Allow-Origin"]
SHOULD = ["X-Content-Type-Options", "Cache-Control"]
FILES = {"a/1.txt": "one", "a/2.txt": "two!", "a/sub/3.txt": "three", "b/4.txt": "four", "b/empty": "", "single.bin": "single"}
TOKENS = {"hash": r"[0-9a-f]{64}", "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "id": r"[A-Za-z0-9_-]+", "address": r"[a-z][a-z0-9+.-]*://\S+", "token": r"\S+", "text": r"(?s:.+)",
          "digits": r"\d+", "httptime": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"}


class Missing(Exception):
    pass


class Case:
    """Variables of one running case, and the numbered hashes seen in it."""
    def __init__(self, files_dir):
        self.vars = {"repo": "t" + secrets.token_hex(5), "files": files_dir}
        self.hashes = {}
        self.used = {}      # expression -> value, of the step under way

    def text(self, s):
        def one(m):
            name, op, n = m.group(1), m.group(2), m.group(3)
            if op == "*":
                return name * int(n)
            if name not in self.vars:
                raise Missing(f"no value for ${{{name}}}")
            v = str(self.vars[name])
            v = v[:int(n)] if op == ":" else v
            self.used[m.group(0)] = v
            return v
        return re.sub(r"\$\{([^}:*]+)(?:([:*])(\d+))?\}", one, s)

    def value(self, v):
        if isinstance(v, str):
            m = re.fullmatch(r"\$\{(\w+)\}", v)
            if m and not isinstance(self.vars.get(m.group(1), ""), str):
                return self.vars[m.group(1)]
            return self.text(v)
        if isinstance(v, list):
            return [self.value(x) for x in v]
        if isinstance(v, dict):
            if "<repeat>" in v:
                out = []
                for i in range(v["<repeat>"]):
                    self.vars["i"] = f"{i:04d}"
                    out.append(self.value(v["item"]))
                return out
            return {self.text(k): self.value(x) for k, x in v.items()}
        return v


def pointer(doc, path):
    """A JSON pointer; in a list a part may also be [key=value], the first row with that value."""
    for part in path.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if part.startswith("["):
            k, _, v = part[1:-1].partition("=")
            doc = next(iter([r for r in doc if r.get(k) == v]), None)
        else:
            doc = doc[int(part)] if isinstance(doc, list) else doc[part]
    return doc


def steady(row):
    """A row as text without what changes from run to run, to sort rows whose order is not fixed."""
    return re.sub(r"[0-9a-f]{64}|\d{4}-\d\d-\d\dT[^\"]*|\d{10}|[0-9a-v]{20}", "", json.dumps(row, sort_keys=True))


def send(address, step, case):
    """Sends one step; returns (status, headers, body)."""
    case.used = {}
    path = case.text(step["path"])
    if not step.get("root"):
        path = "/api/v1" + path
    if "query" in step:
        pairs = [(k, case.text(str(x))) for k, v in step["query"].items() for x in (v if isinstance(v, list) else [v])]
        path += ("&" if "?" in path else "?") + urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote)
    headers = {}
    auth = step.get("auth", "admin")
    if auth == "admin":
        auth = {"key": KEY, "secret": SECRET}
    elif auth == "bad":
        auth = {"key": KEY, "secret": SECRET[::-1]}
    if isinstance(auth, dict):
        if "bearer" in auth:
            headers["Authorization"] = "Bearer " + case.text(auth["bearer"])
        else:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{case.text(auth['key'])}:{case.text(auth['secret'])}".encode()).decode()
    body = None
    if "json" in step:
        body = json.dumps(case.value(step["json"])).encode()
        headers["Content-Type"] = "application/json"
    elif "text" in step:
        body = case.text(step["text"]).encode()
    elif "base64" in step:
        body = base64.b64decode(step["base64"])
    for k, v in step.get("headers", {}).items():
        if v is None:
            headers.pop(k, None)
        else:
            headers[k] = case.text(v)
    c = http.client.HTTPConnection(*address, timeout=60)
    try:
        c.putrequest(step["method"], path, skip_accept_encoding=True)
        if body is not None or step["method"] in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(len(body or b""))
        for k, v in headers.items():
            c.putheader(k, v.encode() if isinstance(v, str) else v)
        c.endheaders(body)
        r = c.getresponse()
        return r.status, r.headers, r.read()
    finally:
        c.close()


def shape(step, answer):
    """An answer as it stands in a transcript, values untouched."""
    status, headers, body = answer
    out = {"status": status, "headers": {}}
    for h in HEADERS + SHOULD:
        if h in headers:
            out["headers"][h] = ", ".join(headers.get_all(h))
    if step["method"] == "HEAD" and status < 400 and "Content-Length" in headers:
        out["headers"]["Content-Length"] = headers["Content-Length"]
    if body:
        if step.get("opaque"):
            out["text"] = "<bytes>"
        elif "json" in headers.get("Content-Type", "") and not step.get("raw"):
            try:
                out["json"] = json.loads(body)
            except ValueError:
                out["text"] = body.decode("utf-8", "replace")
        else:
            try:
                out["text"] = body.decode()
            except UnicodeDecodeError:
                out["base64"] = base64.b64encode(body).decode()
    if "json" in out:
        for p in step.get("unordered", []):
            try:
                rows = pointer(out["json"], p)
                rows.sort(key=steady)
            except (KeyError, IndexError, AttributeError, TypeError):
                pass
    return out


def same_text(expected, got, case):
    parts = re.split(r"(<(?:hash(?::\d+)?|time|id|address|token|text|digits|httptime|unixtime)>|STORE|\$\{[^}]+\})", expected)
    pattern, names = "", []
    for p in parts:
        m = re.fullmatch(r"<hash:(\d+)>", p)
        if m:
            pattern += f"({TOKENS['hash']})"
            names.append(p)
        elif p == "STORE":
            pattern += r"\S*"
        elif p == "<unixtime>":
            pattern += r"\d{10}"
        elif re.fullmatch(r"<\w+>", p) and p[1:-1] in TOKENS:
            pattern += TOKENS[p[1:-1]]
        elif p.startswith("${") and p.endswith("}"):
            pattern += re.escape(case.text(p))
        else:
            pattern += re.escape(p)
    m = re.fullmatch(pattern, got, re.S)
    if not m:
        return False
    for name, v in zip(names, m.groups()):
        if case.hashes.setdefault(name, v) != v or any(o != name and w == v for o, w in case.hashes.items()):
            return False
    return True


def short(v):
    s = json.dumps(v, ensure_ascii=False) if v is not ABSENT else "nothing"
    return s if len(s) <= 110 else s[:107] + "..."


ABSENT = object()


def diff(expected, got, case, where, loose=False):
    """The first difference as text, or None. loose: a message of any text will do here."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for k in list(expected) + [k for k in got if k not in expected]:
            e, g = expected.get(k, ABSENT), got.get(k, ABSENT)
            if e is ABSENT or g is ABSENT:
                return f"{where}/{k}: expected {short(e)}, got {short(g)}"
            if loose and k == "message" and isinstance(e, str) and isinstance(g, str) and (bool(e) == bool(g)):
                continue
            d = diff(e, g, case, f"{where}/{k}", loose)
            if d:
                return d
        return None
    if isinstance(expected, list) and isinstance(got, list):
        for i, (e, g) in enumerate(zip(expected, got)):
            d = diff(e, g, case, f"{where}/{i}", loose)
            if d:
                return d
        return None if len(expected) == len(got) else f"{where}: expected {len(expected)} rows, got {len(got)}"
    if expected == "<unixtime>" and isinstance(got, int) and not isinstance(got, bool):
        return None if 1600000000 < got < time.time() + 40 * 86400 else f"{where}: expected a time in seconds, got {got}"
    if expected == "<int>":
        return None if isinstance(got, int) and not isinstance(got, bool) else f"{where}: expected an integer, got {short(got)}"
    if isinstance(expected, str) and isinstance(got, str):
        ok = same_text(expected, got, case)
    else:
        ok = type(expected) is type(got) and expected == got
    return None if ok else f"{where}: expected {short(expected)}, got {short(got)}"


def compare(expect, got, case, ignore_messages):
    if expect["status"] != got["status"]:
        extra = (got.get("json") or {}).get("message", "") if isinstance(got.get("json"), dict) else ""
        return f"status: expected {expect['status']}, got {got['status']}" + (f" {short(extra)}" if extra else "")
    if "headers" not in expect:
        return None
    for h in HEADERS + SHOULD + ["Content-Length"]:
        e, g = expect["headers"].get(h, ABSENT), got["headers"].get(h, ABSENT)
        if e is ABSENT and (g is ABSENT or h in SHOULD or h == "Content-Length"):
            continue
        if e is ABSENT or g is ABSENT or not same_text(e, g, case):
            return f"header {h}: expected {short(e)}, got {short(g)}"
    if expect.get("text") == "<bytes>":
        return None if any(k in got for k in ("text", "base64", "json")) else "body: expected some bytes, got nothing"
    for k in ("json", "text", "base64"):
        e, g = expect.get(k, ABSENT), got.get(k, ABSENT)
        if e is ABSENT and g is ABSENT:
            continue
        if e is ABSENT or g is ABSENT:
            return f"body: expected {next((x for x in ('json', 'text', 'base64') if x in expect), 'none')} {short(expect.get('json', expect.get('text', expect.get('base64', ''))))}, " \
                   f"got {short(got.get('json', got.get('text', got.get('base64', ABSENT))))}"
        if k == "json":
            return diff(e, g, case, "body", ignore_messages and got["status"] >= 400 or ignore_messages and has_errors(e))
        if k == "text" and ignore_messages and got["status"] >= 400:
            return None
        if not same_text(e, g, case) if k == "text" else e != g:
            return f"body: expected {short(e)}, got {short(g)}"
    return None


def has_errors(doc):
    return isinstance(doc, dict) and ("error" in doc or "errors" in doc)


def capture(step, answer, got, case):
    for name, source in step.get("capture", {}).items():
        try:
            if source.startswith("header:"):
                case.vars[name] = answer[1][source[7:]].strip()
            elif source.startswith("cookie:"):
                case.vars[name] = re.search(re.escape(source[7:]) + "=([^;]+)", answer[1]["Set-Cookie"]).group(1)
            elif source == "text":
                case.vars[name] = answer[2].decode()
            else:
                source, _, part = source.partition(" ~ ")
                value = pointer(got["json"], source)
                case.vars[name] = re.search(part, value).group(0) if part else value
        except (KeyError, IndexError, TypeError, AttributeError):
            case.vars.pop(name, None)


def until_met(step, got):
    for k, v in step["until"].items():
        try:
            if (got["status"] if k == "status" else pointer(got.get("json"), k)) != v:
                return False
        except (KeyError, IndexError, TypeError):
            return False
    return True


def perform(address, step, case, limit=30):
    """Sends a step (again and again while its "until" does not hold); returns (answer, shape)."""
    end = time.time() + limit
    while True:
        answer = send(address, step, case)
        got = shape(step, answer)
        if "until" not in step or until_met(step, got) or time.time() > end:
            return answer, got
        time.sleep(0.25)


def make_files():
    root = tempfile.mkdtemp(prefix="replay-", dir="/tmp")
    for name, content in FILES.items():
        os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
        with open(os.path.join(root, name), "w") as f:
            f.write(content)
    return root


def plain(address, method, path, body=None):
    return send(address, {"method": method, "path": path, "auth": "none", **({"json": body} if body is not None else {})}, Case(""))


def setup_open(address):
    return json.loads(plain(address, "GET", "/setup_lakefs")[2])["state"] != "initialized"


def create_admin(address):
    status, _, body = plain(address, "POST", "/setup_lakefs", {"username": "admin", "key": {"access_key_id": KEY, "secret_access_key": SECRET}})
    if status != 200:
        sys.exit(f"setup: {status} {body[:200]!r}")


def faults_of(address, case_doc, files_dir, ignore_messages=False):
    """Plays a case; one line for each step whose answer differs."""
    case, faults = Case(files_dir), []
    for n, step in enumerate(case_doc["steps"]):
        try:
            answer, got = perform(address, step, case)
            problem = compare(step["expect"], got, case, ignore_messages)
            if problem and got["status"] in step["expect"].get("also", []):
                problem = None
            capture(step, answer, got, case)
        except Missing as e:
            problem = f"not run: {e}"
        except (OSError, http.client.HTTPException) as e:
            problem = f"no answer: {type(e).__name__}: {e}"
        if problem:
            faults.append(f"step {n + 1} {step['method']} {step['path']}: {problem}")
    return faults


def run_case(address, case_doc, files_dir, args, label):
    faults = faults_of(address, case_doc, files_dir, args.ignore_messages)
    for fault in faults if args.v else faults[:1]:
        print(f"  {label}: {case_doc['name']}: {fault}")
    return len(case_doc["steps"]) - len(faults)


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument("port", type=int)
    ap.add_argument("files", nargs="+")
    ap.add_argument("-v", action="store_true")
    ap.add_argument("--ignore-messages", action="store_true")
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--only", default="")
    args = ap.parse_args()
    address = (args.host, args.port)
    docs = [(f, [c for c in json.load(open(f))["cases"] if args.only in c["name"]]) for f in args.files]
    fresh = setup_open(address)
    files_dir = make_files()
    score = {f: [0, 0, 0, 0] for f, _ in docs}
    try:
        early = [(f, c) for f, cs in docs for c in cs if c.get("needs") == "open setup"]
        early.sort(key=lambda x: bool(x[1].get("sets_up")))
        late = [(f, c) for f, cs in docs for c in cs if c.get("needs") != "open setup"]
        if not fresh and early:
            print(f"  {len(early)} cases left out: they need a server whose setup is still open")
            early = []
        for i, (f, c) in enumerate(early + late):
            if i == len(early) and setup_open(address):
                create_admin(address)
            good = run_case(address, c, files_dir, args, os.path.basename(f))
            s, n = score[f], len(c["steps"])
            s[0] += good == n
            s[1] += 1
            s[2] += good
            s[3] += n
    finally:
        shutil.rmtree(files_dir, ignore_errors=True)
    for f, s in score.items():
        print(f"{f}: {s[0]} of {s[1]} cases")
    total = [sum(s[i] for s in score.values()) for i in range(4)]
    print(f"transcripts: {total[0]} of {total[1]} cases, {total[2]} of {total[3]} steps")
    return 0 if total[0] == total[1] else 1


if __name__ == "__main__":
    sys.exit(main())

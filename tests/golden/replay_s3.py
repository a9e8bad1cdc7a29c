#!/usr/bin/env python3
"""Replays S3 transcripts against a server and compares every answer.

usage: replay_s3.py PORT FILE... [-v] [--gaps should|lakefs] [--strict] [--only TEXT] [--host HOST] [--namespace PREFIX]

  -v                 one line per differing step instead of one per differing case
  --gaps should      also run cases marked lakefs_gap, comparing with "should"; --gaps lakefs: with what lakeFS answered
  --strict           compare everything that was recorded: texts of errors, elements that the reference lets a server add or leave out
  --only TEXT        only cases whose name contains TEXT
  --namespace PREFIX storage namespaces are PREFIX + repository name; default local://

The server answers S3 for the domain s3.local.lakefs.io. It is fresh, or set up already with the keys below; the admin is created if setup is still open.
Exit 0 when every compared case is equal. The format is described in tests/golden/s3/README.md. Standard library only.
"""
import argparse, base64, binascii, email.utils, hashlib, hmac, http.client, json, os, re, secrets, socket, sys, time, urllib.parse
import xml.etree.ElementTree as ET

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
DOMAIN = "s3.local.lakefs.io"
# Compared in both directions: absent in the transcript means absent in the answer.
HEADERS = ["ETag", "Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "Last-Modified", "Location", "WWW-Authenticate", "Cache-Control",
           "Content-Disposition", "Content-Encoding", "Content-Language", "Expires", "Access-Control-Allow-Origin"]
# Compared only when recorded; so are all x-amz-* headers but x-amz-meta-*.
SHOULD = ["X-Content-Type-Options", "X-Frame-Options", "Content-Security-Policy", "Allow"]
TOKENS = {"token": r".+", "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "id": r"[A-Za-z0-9_=+/.~-]+", "hash": r"[0-9a-f]{64}", "httptime": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"}
# Elements a server may add where lakeFS has none of that name.
EXTRA = {"Owner", "Initiator", "Initiated", "StorageClass", "EncodingType", "StartAfter", "ChecksumAlgorithm", "ChecksumType", "UploadId", "PartNumberMarker", "KeyMarker",
         "UploadIdMarker", "BucketRegion", "ChecksumCRC32", "ChecksumCRC32C", "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"}
# Errors whose text is fixed; the other texts are free.
TEXTS = {"ERRLakeFSNotSupported", "ErrReadOnlyRepository", "ErrWriteToProtectedBranch"}


class Missing(Exception):
    pass


class Case:
    """The variables of one running case."""
    def __init__(self, address):
        self.vars = {"repo": "t" + secrets.token_hex(6), "address": "%s:%d" % address}

    def text(self, s):
        def one(m):
            if m.group(1) not in self.vars:
                raise Missing(f"no value for ${{{m.group(1)}}}")
            return self.vars[m.group(1)]
        return re.sub(r"\$\{(\w+)\}", one, s)

    def template(self, s):
        """The reverse of text, for recording. Listing tokens are left to record: their text is the server's own."""
        for name, value in sorted(self.vars.items(), key=lambda x: -len(x[1])):
            if len(value) > 7 and not name.startswith("token"):
                s = s.replace(value, "${%s}" % name)
        return s


# ---- checksums and signatures

def crc(data, poly, bits):
    table = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (poly if i & 1 else 0)
        table.append(i)
    c = ones = (1 << bits) - 1
    for b in data:
        c = table[(c ^ b) & 255] ^ c >> 8
    return (c ^ ones).to_bytes(bits // 8, "big")


CHECKSUMS = {"crc32": lambda d: binascii.crc32(d).to_bytes(4, "big"), "crc32c": lambda d: crc(d, 0x82F63B78, 32), "crc64nvme": lambda d: crc(d, 0x9A6C9329AC4BC9B5, 64),
             "sha1": lambda d: hashlib.sha1(d).digest(), "sha256": lambda d: hashlib.sha256(d).digest(), "md5": lambda d: hashlib.md5(d).digest()}


def checksum(name, data):
    return base64.b64encode(CHECKSUMS[name](data)).decode()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256)


def v4_key(secret, date, region, service):
    k = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        k = mac(k, part).digest()
    return k


def encode(s, safe="-_.~"):
    return urllib.parse.quote(s, safe=safe)


def pairs_of(query):
    """A query as on the wire -> decoded pairs."""
    return [tuple(urllib.parse.unquote_to_bytes(x.replace("+", " ")) for x in (p.split("=", 1) + [""])[:2]) for p in query.split("&") if p]


def v4_signature(method, path, query, headers, names, payload, stamp, scope, secret):
    """headers: list of (name, value). Returns the signature and what chunk signatures are made with."""
    canonical_query = "&".join("%s=%s" % x for x in sorted((encode(k), encode(v)) for k, v in pairs_of(query) if k != b"X-Amz-Signature"))
    lines = "".join("%s:%s\n" % (n, ",".join(re.sub(" +", " ", v.strip()) for k, v in headers if k.lower() == n)) for n in names)
    canonical = "\n".join([method, encode(urllib.parse.unquote_to_bytes(path), "-_.~/") or "/", canonical_query, lines, ";".join(names), payload])
    date, region, service = scope
    scope_text = "/".join([date, region, service, "aws4_request"])
    key = v4_key(secret, date, region, service)
    sign = lambda kind, *rest: mac(key, "\n".join([kind, stamp, scope_text, *rest])).hexdigest()
    return sign("AWS4-HMAC-SHA256", sha(canonical.encode())), sign


SUB_RESOURCES = set("acl accelerate analytics cors defaultObjectAcl delete encryption inventory legal-hold lifecycle location logging metrics notification object-lock partNumber policy replication "
                    "requestPayment response-cache-control response-content-disposition response-content-encoding response-content-language response-content-type response-expires restore retention "
                    "storageClass tagging torrent uploadId uploads versionId versioning versions website".split())


def v2_signature(method, host, path, query, headers, date, secret):
    low = lambda n: ",".join(v.strip() for k, v in headers if k.lower() == n)
    amz = "".join("%s:%s\n" % (n, low(n)) for n in sorted({k.lower() for k, _ in headers if k.lower().startswith("x-amz-")}))
    resource = ("/" + host[:-len(DOMAIN) - 1] if host.endswith("." + DOMAIN) else "") + path
    subs = sorted((k.decode(), v.decode()) for k, v in pairs_of(query) if k.decode() in SUB_RESOURCES)
    if subs:
        resource += "?" + "&".join(k + ("=" + v if v else "") for k, v in subs)
    text = "\n".join([method, low("content-md5"), low("content-type"), date, amz + resource])
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def java_signature(host, path, params, secret):
    text = "\n".join(["POST", host.lower(), path, urllib.parse.urlencode(sorted(params))])
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()


def chunks(body, size, seed, sign, trailer):
    """aws-chunked framing; sign None: unsigned; trailer: (name, value) or None."""
    out, last = b"", seed
    parts = [body[i:i + size] for i in range(0, len(body), size)] + [b""]
    for part in parts:
        head = "%x" % len(part)
        if sign:
            last = sign("AWS4-HMAC-SHA256-PAYLOAD", last, sha(b""), sha(part))
            head += ";chunk-signature=" + last
        out += head.encode() + b"\r\n" + part + (b"\r\n" if part else b"")
    if trailer:
        out += ("%s:%s\r\n" % trailer).encode()
        if sign:
            out += ("x-amz-trailer-signature:%s\r\n" % sign("AWS4-HMAC-SHA256-TRAILER", last, sha(("%s:%s\n" % trailer).encode()))).encode()
    return out + b"\r\n"


# ---- one request

def body_of(step, case):
    b = step.get("body")
    if b is None:
        return None
    if isinstance(b, str):
        return case.text(b).encode()
    if "base64" in b:
        return base64.b64decode(b["base64"])
    if "repeat" in b:
        unit = b["repeat"].encode()
        return (unit * (b["bytes"] // len(unit) + 1))[:b["bytes"]]
    return (case.text(b["before"]) + "".join(case.text(b["each"].replace("${i}", "%04d" % i)) for i in range(b["count"])) + b["after"]).encode()


def wire_query(q, case):
    if isinstance(q, str):
        return case.text(q)
    return "&".join(encode(k) + ("" if v is None else "=" + encode(case.text(str(v)))) for k, v in (q or {}).items())


def put(headers, name, value):
    headers[:] = [h for h in headers if h[0].lower() != name.lower()]
    for v in value if isinstance(value, list) else [value]:
        if v is not None:
            headers.append((name, v))


def has(headers, name):
    return next((v for k, v in headers if k.lower() == name.lower()), None)


def build(step, case):
    """A step -> method, target, headers, bytes of the body, as they go on the wire."""
    method, path, query, body = step["method"], case.text(step["path"]), wire_query(step.get("query"), case), body_of(step, case)
    host = case.text(step.get("host", DOMAIN))
    headers = [("Host", host)]
    for k, v in step.get("headers", {}).items():
        put(headers, k, [case.text(x) for x in v] if isinstance(v, list) else case.text(v))
    sign, wire = step.get("sign", "v4"), body
    now = time.time() + step.get("skew_seconds", 0)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    key, secret = KEY, SECRET
    who = step.get("as", sign)
    if who == "wrong-secret":
        secret = SECRET[::-1]
    elif who == "unknown-key":
        key = "AKIAIOSFODNN7UNKNOWN"
    scope = tuple(step.get("scope", {}).get(k, d) for k, d in (("date", stamp[:8]), ("region", "us-east-1"), ("service", "s3")))
    credential = "/".join((key,) + scope + ("aws4_request",))
    names_of = lambda: sorted({k.lower() for k, _ in headers if k.lower() in ("host", "content-type", "content-md5") or k.lower().startswith("x-amz-")})
    data = body or b""
    if sign in ("v4", "unsigned-payload", "v4-streaming", "v4-streaming-trailer", "unsigned-trailer", "wrong-secret", "unknown-key"):
        mode = {"unsigned-payload": "UNSIGNED-PAYLOAD", "v4-streaming": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "v4-streaming-trailer": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                "unsigned-trailer": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}.get(sign, sha(data))
        if has(headers, "x-amz-date") is None:
            put(headers, "x-amz-date", stamp)
        if has(headers, "x-amz-content-sha256") is None:
            put(headers, "x-amz-content-sha256", mode)
        trailer = None
        if mode.startswith("STREAMING"):
            if has(headers, "x-amz-decoded-content-length") is None:
                put(headers, "x-amz-decoded-content-length", str(len(data)))
            if mode.endswith("TRAILER"):
                name = step["checksum"]
                trailer = ("x-amz-checksum-" + name, step.get("checksum_value") or checksum(name, data))
                if has(headers, "x-amz-trailer") is None:
                    put(headers, "x-amz-trailer", trailer[0])
        names = [n for n in names_of() if n not in step.get("unsigned", [])]
        seed, signer = v4_signature(method, path, query, headers, names, has(headers, "x-amz-content-sha256"), has(headers, "x-amz-date"), scope, secret)
        put(headers, "Authorization", "AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=%s, Signature=%s" % (credential, ";".join(names), seed))
        if mode.startswith("STREAMING"):
            wire = chunks(data, step.get("chunk", 65536), seed, signer if "HMAC" in mode else None, trailer)
    elif sign == "presigned-v4":
        names = [n for n in names_of() if n not in step.get("unsigned", [])]
        params = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": credential, "X-Amz-Date": stamp, "X-Amz-Expires": str(step.get("expires", 3600)), "X-Amz-SignedHeaders": ";".join(names)}
        params.update(step.get("presign", {}))
        query = "&".join(([query] if query else []) + ["%s=%s" % (k, encode(v)) for k, v in params.items() if v is not None])
        query += "&X-Amz-Signature=" + v4_signature(method, path, query, headers, names, "UNSIGNED-PAYLOAD", stamp, scope, secret)[0]
    elif sign == "v2":
        if has(headers, "date") is None and has(headers, "x-amz-date") is None:
            put(headers, "Date", email.utils.formatdate(now, usegmt=True))
        put(headers, "Authorization", "AWS %s:%s" % (key, v2_signature(method, host, path, query, headers, has(headers, "date") or "", secret)))
    elif sign == "presigned-v2":
        expires = str(int(now) + step.get("expires", 3600))
        params = [("AWSAccessKeyId", key), ("Expires", expires), ("Signature", v2_signature(method, host, path, query, headers, expires, secret))]
        query = "&".join(([query] if query else []) + ["%s=%s" % (k, encode(v)) for k, v in params])
    elif sign == "java-v2":
        params = [(k.decode(), v.decode()) for k, v in pairs_of(query)] + [("AWSAccessKeyId", key), ("SignatureMethod", "HmacSHA256"), ("SignatureVersion", "2"),
                                                                           ("Timestamp", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)))]
        query = "&".join("%s=%s" % (k, encode(v)) for k, v in params + [("Signature", java_signature(host, path, params, secret))])
    elif sign == "basic":
        put(headers, "Authorization", "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode())
    elif sign != "none":
        raise ValueError(sign)
    for old, new in step.get("edit_wire", []):
        wire = wire.replace(old.encode(), new.encode(), 1)
    after = step.get("after_signing", {})
    method, path = after.get("method", method), case.text(after["path"]) if "path" in after else path
    if "query" in after:
        query = "&".join(x for x in (query, case.text(after["query"])) if x)
    for old, new in after.get("edit_query", []):
        query = re.sub(old, new, query)
    for old, new in after.get("edit_authorization", []):
        put(headers, "Authorization", re.sub(old, new, has(headers, "Authorization")))
    if "body" in after:
        wire = after["body"].encode()
    for k, v in after.get("headers", {}).items():
        put(headers, k, v if v is None else [case.text(x) for x in v] if isinstance(v, list) else case.text(v))
    if step.get("chunked"):
        put(headers, "Transfer-Encoding", "chunked")
        wire = b"%x\r\n%s\r\n0\r\n\r\n" % (len(wire), wire) if wire else b"0\r\n\r\n"
    elif "content_length" in step:
        if step["content_length"] is not None:
            put(headers, "Content-Length", str(step["content_length"]))
    elif has(headers, "content-length") is None and (wire is not None or method in ("PUT", "POST")):
        put(headers, "Content-Length", str(len(wire or b"")))
    return method, path + ("?" + query if query else ""), headers, wire or b""


def send(address, step, case):
    """Returns (status, headers, body, got 100 Continue); status 0: the connection was closed without an answer."""
    if "rest" in step:
        body = json.dumps(json.loads(case.text(json.dumps(step["json"])))) if "json" in step else None
        step = {"method": step["rest"], "path": "/api/v1" + step["path"], "query": step.get("query"), "body": body, "host": "${address}", "sign": "basic",
                "headers": {"Content-Type": "application/json"} if body else {}}
    method, target, headers, wire = build(step, case)
    head = ("%s %s HTTP/1.1\r\n" % (method, target)).encode() + b"".join(k.encode() + b": " + v.encode() + b"\r\n" for k, v in headers) + b"\r\n"
    s = socket.create_connection(address, timeout=60)
    try:
        went_on = None
        try:
            if (has(headers, "expect") or "").lower() == "100-continue":
                s.sendall(head)
                first = b""
                while b"\r\n" not in first:
                    first = s.recv(256, socket.MSG_PEEK)
                    if not first:
                        break
                went_on = first.startswith(b"HTTP/1.1 100")
                if went_on:
                    s.sendall(wire)
            else:
                s.sendall(head + wire)
            if step.get("content_length") and step["content_length"] > len(wire):
                s.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass
        r = http.client.HTTPResponse(s, method=method)
        try:
            r.begin()
            return r.status, r.headers, r.read(), went_on
        except (http.client.RemoteDisconnected, ConnectionResetError):
            return 0, http.client.HTTPMessage(), b"", went_on
    finally:
        s.close()


# ---- answers

def tree(node):
    tag = re.sub(r"^\{.*\}", "", node.tag)
    if len(node):
        return [tag] + [tree(x) for x in node]
    return [tag, node.text] if node.text else [tag]


def child(doc, name):
    return next((x[1] if len(x) > 1 else "" for x in doc[1:] if isinstance(x, list) and x[0] == name), None)


def shape(step, answer, case):
    """An answer as it stands in a transcript, values untouched."""
    status, headers, body, went_on = answer
    if "rest" in step:
        return {"status": status}
    out = {"status": status}
    is_xml, doc = "xml" in headers.get("Content-Type", ""), None
    if is_xml and body:
        try:
            root = ET.fromstring(body)
            doc = tree(root)
            if "}" in root.tag:
                out["xmlns"] = root.tag[1:].split("}")[0]
        except ET.ParseError:
            pass
    if "body" in step.get("ignore", []):
        body, doc = b"", None
    kept = {}
    wanted = HEADERS + SHOULD + sorted({k for k in headers if k.lower().startswith("x-amz-")}, key=str.lower)
    for h in wanted:
        if h not in headers or h in step.get("ignore", []):
            continue
        is_object = "ETag" in headers and step["method"] in ("GET", "HEAD")
        if h == "Content-Length" and not is_object or h == "Content-Type" and not body and not is_object:
            continue
        kept[h] = ", ".join(headers.get_all(h)).encode("latin-1", "replace").decode("utf-8", "replace")
    if kept:
        out["headers"] = kept
    if went_on is not None:
        out["continue"] = went_on
    if doc is not None:
        only = step.get("only_buckets")
        if only and doc[0] == "ListAllMyBucketsResult":
            for part in doc[1:]:
                if isinstance(part, list) and part[0] == "Buckets":
                    part[1:] = [b for b in part[1:] if case.text(only) in (child(b, "Name") or "")]
        out["xml"] = doc
    elif body and "json" in headers.get("Content-Type", ""):
        out["json"] = json.loads(body)
    elif body:
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = None
        if text is not None and len(body) <= 300:
            out["text"] = text
        else:
            out["md5"], out["length"] = hashlib.md5(body).hexdigest(), len(body)
    return out


def record(step, got, case):
    """A shaped answer with its volatile parts replaced by tokens: the form kept in transcripts."""
    def one(s, tag=""):
        if tag in ("RequestId", "HostId"):
            return "<id>"
        if tag == "NextContinuationToken":
            return "<token>"
        if tag == "UploadId" and s not in case.vars.values():
            return "<id>"
        if tag == "ContinuationToken":
            return next(("${%s}" % k for k, v in case.vars.items() if k.startswith("token") and v == s), s)
        s = case.template(s)
        s = re.sub(TOKENS["time"], "<time>", s)
        s = re.sub(TOKENS["httptime"], "<httptime>", s)
        s = re.sub(r"\b\d{8}T\d{6}Z\b", "<id>", s)
        return s
    def walk(x):
        if len(x) == 2 and isinstance(x[1], str):
            return [x[0], one(x[1], x[0])]
        return [x[0]] + [walk(c) for c in x[1:]]
    out = dict(got)
    if "headers" in out:
        out["headers"] = {k: "<id>" if k.lower() in ("x-amz-request-id", "x-amz-id-2") else one(v) for k, v in out["headers"].items()}
    if "xml" in out:
        out["xml"] = walk(out["xml"])
    if "text" in out:
        out["text"] = one(out["text"])
    return out


def same_text(expected, got, case):
    pattern = ""
    for p in re.split(r"(<(?:time|id|hash|httptime|token)>|\$\{\w+\})", expected):
        if p[1:-1] in TOKENS and p.startswith("<"):
            pattern += TOKENS[p[1:-1]]
        elif p.startswith("${"):
            pattern += re.escape(case.text(p))
        else:
            pattern += re.escape(p)
    return re.fullmatch(pattern, got, re.S) is not None


def short(v):
    s = "nothing" if v is None else json.dumps(v, ensure_ascii=False)
    return s if len(s) <= 150 else s[:147] + "..."


def diff(e, g, case, where, strict):
    where += "/" + e[0]
    if e[0] != g[0]:
        return f"{where}: got {short(g)}"
    leaf_e, leaf_g = len(e) < 2 or isinstance(e[1], str), len(g) < 2 or isinstance(g[1], str)
    if leaf_e and leaf_g:
        a, b = (x[1] if len(x) > 1 else "" for x in (e, g))
        if not strict and "/DeleteResult" in where and (e[0] == "Message" or (a, b) == ("ErrDeletingKey", "InvalidArgument")):
            return None
        return None if same_text(a, b, case) else f"{where}: expected {short(a)}, got {short(b)}"
    ce, cg = ([x for x in y[1:] if isinstance(x, list)] for y in (e, g))
    if not strict:
        if e[0] == "Error" and where == "body/Error":
            keep = {"Code", "Message"} if child(e, "Code") in TEXTS else {"Code"}
            ce, cg = ([x for x in y if x[0] in keep] for y in (ce, cg))
        drop = {"Owner"} if e[0] == "ListAllMyBucketsResult" else {"KeyCount"} if e[0] == "ListBucketResult" and child(e, "Marker") is not None else set()
        have = {x[0] for x in ce}
        extra = EXTRA | ({"Prefix", "ContinuationToken"} if e[0] == "ListAllMyBucketsResult" else set())
        ce = [x for x in ce if x[0] not in drop]
        cg = [x for x in cg if x[0] not in drop and (x[0] in have or x[0] not in extra and x != ["ContinuationToken"])]
        if e[0] == "DeleteResult":
            ce.sort(key=lambda x: x[0])
            cg.sort(key=lambda x: x[0])
    for a, b in zip(ce, cg):
        d = diff(a, b, case, where, strict)
        if d:
            return d
    if len(ce) != len(cg):
        longer = ce if len(ce) > len(cg) else cg
        return f"{where}: {'no' if longer is ce else 'surplus'} {short(longer[min(len(ce), len(cg))])}"
    return None


def compare(e, g, case, strict):
    code = lambda x: " " + str(child(x["xml"], "Code")) if "xml" in x and x["xml"][0] == "Error" else ""
    if e["status"] != g["status"]:
        return f"status: expected {e['status']}{code(e)}, got {g['status']}{code(g)}"
    he, hg = ({k.lower(): (k, v) for k, v in x.get("headers", {}).items()} for x in (e, g))
    both = {h.lower() for h in HEADERS}
    for h in list(he) + [h for h in hg if h not in he]:
        a, b = he.get(h, (h, None)), hg.get(h, (h, None))
        if not strict:
            if a[1] is None and not h.startswith("x-amz-meta-") and (h not in both or e["status"] >= 300 and h not in ("location", "www-authenticate")):
                continue
            if h == "content-type" and a[1] and b[1] and "xml" in a[1] and "xml" in b[1] and ("xml" in e or e["status"] >= 300):
                continue
        if a[1] is None or b[1] is None or not same_text(a[1], b[1], case):
            return f"header {a[0]}: expected {short(a[1])}, got {short(b[1])}"
    if e.get("continue") != g.get("continue"):
        return f"100 Continue: expected {e.get('continue')}, got {g.get('continue')}"
    kinds = ("xml", "json", "text", "md5")
    ke, kg = (next((k for k in kinds if k in x), None) for x in (e, g))
    if ke != kg:
        return f"body: expected {ke} {short(e.get(ke))}, got {kg} {short(g.get(kg))}"
    if ke == "xml":
        if strict and e.get("xmlns") != g.get("xmlns"):
            return f"xmlns: expected {e.get('xmlns')}, got {g.get('xmlns')}"
        return diff(e["xml"], g["xml"], case, "body", strict)
    if ke == "json" and strict and e["json"] != g["json"]:
        return f"body: expected {short(e['json'])}, got {short(g['json'])}"
    if ke == "text" and not same_text(e["text"], g["text"], case):
        return f"body: expected {short(e['text'])}, got {short(g['text'])}"
    if ke == "md5" and (e["md5"], e["length"]) != (g["md5"], g["length"]):
        return f"body: expected {e['length']} bytes, MD5 {e['md5']}, got {g['length']} bytes, MD5 {g['md5']}"
    return None


def compare_should(want, g, case, method):
    """Against the answer the reference demands: only what "should" names."""
    codes = [child(g["xml"], "Code")] if "xml" in g and g["xml"][0] == "Error" else [None]
    status = want["status"] if isinstance(want["status"], list) else [want["status"]]
    if g["status"] not in status or "code" in want and method != "HEAD" and g["status"] and codes != [want["code"]]:
        return f"should be {want['status']} {want.get('code', '')}, got {g['status']} {codes[0] or ''}"
    headers = {k.lower(): v for k, v in g.get("headers", {}).items()}
    for k, v in want.get("headers", {}).items():
        b = headers.get(k.lower())
        if (b is None) != (v is None) or v is not None and not same_text(v, b, case):
            return f"header {k} should be {short(v)}, got {short(b)}"
    for k in ("text", "xml"):
        if k in want:
            if k not in g:
                return f"body should be {short(want[k])}"
            d = diff(want[k], g[k], case, "body", False) if k == "xml" else None if same_text(want[k], g[k], case) else f"body should be {short(want[k])}, got {short(g[k])}"
            if d:
                return d
    for name, values in want.get("elements", {}).items():
        def find(x):
            return ([x[1] if len(x) > 1 and isinstance(x[1], str) else ""] if x[0] == name else []) + [t for c in x[1:] if isinstance(c, list) for t in find(c)]
        found = find(g["xml"]) if "xml" in g else []
        if len(found) != len(values) or not all(same_text(a, b, case) for a, b in zip(values, found)):
            return f"elements {name} should be {short(values)}, got {short(found)}"
    return None


def capture(step, answer, case):
    for name, source in step.get("capture", {}).items():
        case.vars.pop(name, None)
        if "(" in source:
            m = re.search(source, answer[2].decode("utf-8", "replace"))
            if m:
                case.vars[name] = m.group(1)
        elif source in answer[1]:
            case.vars[name] = answer[1][source].strip()


# ---- whole cases

def rest(address, method, path, body=None):
    step = {"rest": method, "path": path}
    if body is not None:
        step["json"] = body
    return send(address, step, Case(address))


def prepare(address):
    if json.loads(rest(address, "GET", "/setup_lakefs")[2])["state"] != "initialized":
        status, _, body, _ = rest(address, "POST", "/setup_lakefs", {"username": "admin", "key": {"access_key_id": KEY, "secret_access_key": SECRET}})
        if status != 200:
            sys.exit(f"setup: {status} {body[:200]!r}")


def open_case(address, doc, namespace):
    """Creates what a case needs: its repository, and those named in "repos" (suffix -> settings)."""
    case = Case(address)
    for suffix, more in {"": {}, **doc.get("repos", {})}.items():
        name = case.vars["repo"] + suffix
        status, _, body, _ = rest(address, "POST", "/repositories", {"name": name, "storage_namespace": namespace + name, "default_branch": "main", **more})
        if status != 201:
            raise Missing(f"repository: {status} {body[:200]!r}")
    return case


def faults_of(address, doc, namespace="local://", gaps=None, strict=False):
    """Plays a case; one line for each step whose answer differs. gaps "should": compares with what the
    answer should be where the recorded one is known to be wrong."""
    try:
        case = open_case(address, doc, namespace)
    except Missing as e:
        return [f"not run: {e}"]
    faults = []
    for n, step in enumerate(doc["steps"]):
        try:
            answer = send(address, step, case)
            got = shape(step, answer, case)
            capture(step, answer, case)
            if gaps == "should" and "should" in step:
                problem = compare_should(step["should"], got, case, step["method"])
            else:
                problem = compare(step["expect"], got, case, strict)
        except (Missing, OSError, http.client.HTTPException) as e:
            problem = f"no answer: {type(e).__name__}: {e}"
        if problem:
            faults.append(f"step {n + 1} {step.get('method') or step['rest']} {step['path']}: {problem}")
    return faults


def run_case(address, doc, args, label):
    faults = faults_of(address, doc, args.namespace, args.gaps, args.strict)
    for fault in faults if args.v else faults[:1]:
        print(f"  {label}: {doc['name']}: {fault}")
    return not faults


def main():
    ap = argparse.ArgumentParser(usage=__doc__)
    ap.add_argument("port", type=int)
    ap.add_argument("files", nargs="+")
    ap.add_argument("-v", action="store_true")
    ap.add_argument("--gaps", choices=["should", "lakefs"])
    ap.add_argument("--strict", action="store_true")
    ap.add_argument("--only", default="")
    ap.add_argument("--host", default="127.0.0.1")
    ap.add_argument("--namespace", default="local://")
    args = ap.parse_args()
    address = (args.host, args.port)
    prepare(address)
    total = [0, 0]
    for f in args.files:
        cases = [c for c in json.load(open(f))["cases"] if args.only in c["name"]]
        run = [c for c in cases if args.gaps or not c.get("lakefs_gap")]
        good = sum(run_case(address, c, args, os.path.basename(f)) for c in run)
        print(f"{f}: {good} of {len(run)} cases" + (f" ({len(cases) - len(run)} for information)" if len(run) < len(cases) else ""))
        total[0] += good
        total[1] += len(run)
    print(f"transcripts: {total[0]} of {total[1]} cases")
    return 0 if total[0] == total[1] else 1


if __name__ == "__main__":
    sys.exit(main())

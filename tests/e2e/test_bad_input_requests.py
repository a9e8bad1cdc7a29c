"""Requests that are wrong, one way each, over both front ends: status, code, and the value, the reason or
what is allowed in the message; nothing is written, and the server keeps serving."""
import base64
import hashlib
import http.client
import json
import random
import socket
import urllib.parse
import xml.etree.ElementTree

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import KEY, SECRET

BASIC = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()


class Signer(S3SigV4Auth):
    """As S3 clients sign; a payload hash that is given stays."""

    def _modify_request_before_signing(self, request):
        given = request.headers.get("x-amz-content-sha256")
        super()._modify_request_before_signing(request)
        if given:
            del request.headers["X-Amz-Content-SHA256"]
            request.headers["X-Amz-Content-SHA256"] = given


def s3(server, method, target, headers=None, body=b"", secret=SECRET):
    """One signed request; status, and the elements of the error."""
    request = AWSRequest(method=method, url=server.url + target, data=body, headers=dict(headers or {}))
    Signer(Credentials(KEY, secret), "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request(method, target, body=body, headers=dict(request.headers))
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    elements = {child.tag: child.text for child in xml.etree.ElementTree.fromstring(text)} if text else {}
    return answer.status, elements


@pytest.fixture(scope="module")
def lake(server):
    repository = server.repository("requests")
    repository.branch("main").object("ten").upload(b"0123456789")
    repository.branch("main").commit("ten bytes")
    return repository


def state(server):
    """All that anybody sees of the repository."""
    return [server.rest("GET", path).text for path in (
        "/repositories", "/repositories/requests/branches", "/repositories/requests/tags",
        "/repositories/requests/refs/main/objects/ls", "/repositories/requests/branches/main/diff",
        "/repositories/requests/refs/main/commits", "/repositories/requests/metadata",
        "/repositories/requests/settings/branch_protection")]


UNSIGNED = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}


def trailer(size=10, crc32="poTHxg=="):
    """Headers and body of an upload in chunks with a checksum behind it, as SDKs send by default."""
    lines = f"\r\nx-amz-checksum-crc32:{crc32}" if crc32 else ""
    return ({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-decoded-content-length": str(size),
             "x-amz-trailer": "x-amz-checksum-crc32", "Content-Encoding": "aws-chunked"},
            b"a\r\n0123456789\r\n0" + lines.encode() + b"\r\n\r\n")


def forged_chunks():
    signature = b";chunk-signature=" + b"0" * 64
    return ({"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length": "10"},
            b"a" + signature + b"\r\n0123456789\r\n0" + signature + b"\r\n\r\n")


def deletes(count):
    return b"<Delete>" + b"<Object><Key>main/ten</Key></Object>" * count + b"</Delete>"


# name: method, target, headers, body, status, code, what the message or another element says
S3 = {
    "bucket_name": ("PUT", "/No_Such_Bucket", {}, b"", 400, "InvalidBucketName", "3 to 63 characters"),
    "bucket_missing": ("GET", "/nosuch/main/x", {}, b"", 404, "NoSuchBucket", "nosuch"),
    "branch_name": ("PUT", "/requests/a.b/x", UNSIGNED, b"x", 400, "InvalidArgument", "'a.b' is not a branch"),
    "branch_missing": ("PUT", "/requests/nosuch/x", UNSIGNED, b"x", 404, "NoSuchBucket", "no branch 'nosuch'"),
    "key_without_a_path": ("PUT", "/requests/main", UNSIGNED, b"x", 400, "InvalidArgument", "ref/path"),
    "key_too_long": ("PUT", "/requests/main/" + "x" * 1025, UNSIGNED, b"x", 400, "KeyTooLongError",
                     "1025 is above maximum length (1024)"),
    "key_with_nul": ("PUT", "/requests/main/a%00b", UNSIGNED, b"x", 400, "InvalidURI", "/requests/main/a%00b"),
    "key_not_utf8": ("PUT", "/requests/main/a%FFb", UNSIGNED, b"x", 400, "InvalidURI", "/requests/main/a%FFb"),
    "range_beyond": ("GET", "/requests/main/ten", {"Range": "bytes=10-20"}, b"", 416, "InvalidRange", "bytes=10-20"),
    "range_of_nothing": ("GET", "/requests/main/ten", {"Range": "bytes=-0"}, b"", 416, "InvalidRange", "10"),
    "part_beyond": ("GET", "/requests/main/ten?partNumber=2", {}, b"", 416, "InvalidPartNumber", "not satisfiable"),
    "sha256": ("PUT", "/requests/main/x", {"x-amz-content-sha256": "0" * 64}, b"x", 400, "XAmzContentSHA256Mismatch",
               hashlib.sha256(b"x").hexdigest()),
    "sha256_nonsense": ("PUT", "/requests/main/x", {"x-amz-content-sha256": "nonsense"}, b"x", 400, "InvalidArgument",
                        "must be UNSIGNED-PAYLOAD"),
    "md5": ("PUT", "/requests/main/x", {**UNSIGNED, "Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="}, b"x", 400, "BadDigest",
            base64.b64encode(hashlib.md5(b"x").digest()).decode()),
    "md5_nonsense": ("PUT", "/requests/main/x", {**UNSIGNED, "Content-MD5": "AAAA"}, b"x", 400, "InvalidDigest",
                     "Content-MD5"),
    "crc32": ("PUT", "/requests/main/x", {**UNSIGNED, "x-amz-checksum-crc32": "AAAAAA=="}, b"x", 400, "BadDigest",
              "AAAAAA==, did not match the calculated checksum, jNwWgw=="),
    "crc32_nonsense": ("PUT", "/requests/main/x", {**UNSIGNED, "x-amz-checksum-crc32": "AAAA"}, b"x", 400,
                       "InvalidRequest", "x-amz-checksum-crc32"),
    "trailer": ("PUT", "/requests/main/x", *trailer(crc32="AAAAAA=="), 400, "BadDigest",
                "AAAAAA==, did not match the calculated checksum, poTHxg=="),
    "trailer_missing": ("PUT", "/requests/main/x", *trailer(crc32=None), 400, "MalformedTrailerError", "railer"),
    "decoded_longer": ("PUT", "/requests/main/x", *trailer(size=9), 400, "IncompleteBody",
                       "9 bytes were announced, and the body has more"),
    "decoded_shorter": ("PUT", "/requests/main/x", *trailer(size=11), 400, "IncompleteBody",
                        "11 bytes were announced, and the body has 10"),
    "chunks_nonsense": ("PUT", "/requests/main/x", trailer()[0], b"zz\r\n0123456789\r\n0\r\n\r\n", 400,
                        "IncompleteBody", ""),
    "chunk_signature": ("PUT", "/requests/main/x", *forged_chunks(), 403, "SignatureDoesNotMatch", "signature"),
    "copy_source": ("PUT", "/requests/main/x", {"x-amz-copy-source": "garbage"}, b"", 400, "InvalidArgument", "garbage"),
    "copy_source_missing": ("PUT", "/requests/main/x", {"x-amz-copy-source": "requests/main/nosuch"}, b"", 404,
                            "NoSuchKey", ""),
    "part_number_0": ("PUT", "/requests/main/x?partNumber=0&uploadId=x", UNSIGNED, b"x", 400, "InvalidArgument",
                      "between 1 and 10000"),
    "part_number_10001": ("PUT", "/requests/main/x?partNumber=10001&uploadId=x", UNSIGNED, b"x", 400, "InvalidArgument",
                          "10001"),
    "upload_missing": ("PUT", "/requests/main/x?partNumber=1&uploadId=nosuch", UNSIGNED, b"x", 404, "NoSuchUpload",
                       "nosuch"),
    "xml": ("POST", "/requests?delete=", UNSIGNED, b"<Delete>", 400, "MalformedXML", ""),
    "xml_entities": ("POST", "/requests?delete=", UNSIGNED,
                     b'<!DOCTYPE a [<!ENTITY x "main/ten">]><Delete><Object><Key>&x;</Key></Object></Delete>', 400,
                     "MalformedXML", ""),
    "no_deletes": ("POST", "/requests?delete=", UNSIGNED, deletes(0), 400, "MalformedXML", "0 keys, 1 to 1000"),
    "many_deletes": ("POST", "/requests?delete=", UNSIGNED, deletes(1001), 400, "MalformedXML", "1001 keys, 1 to 1000"),
    "list_type": ("GET", "/requests?list-type=9", {}, b"", 400, "InvalidArgument", "9"),
    "max_keys": ("GET", "/requests?list-type=2&max-keys=-1", {}, b"", 400, "InvalidArgument", "-1"),
    "encoding": ("GET", "/requests?list-type=2&encoding-type=xml", {}, b"", 400, "InvalidArgument", "xml"),
    "version": ("GET", "/requests/main/ten?versionId=3", {}, b"", 400, "InvalidArgument", "3"),
    "metadata": ("PUT", "/requests/main/x", {**UNSIGNED, "x-amz-meta-a": "x" * 2048}, b"x", 400, "MetadataTooLarge", "2049"),
    "storage_class": ("PUT", "/requests/main/x", {**UNSIGNED, "x-amz-storage-class": "NOSUCH"}, b"x", 400,
                      "InvalidStorageClass", ""),
    "condition": ("PUT", "/requests/main/x", {**UNSIGNED, "If-None-Match": '"abc"'}, b"x", 501, "NotImplemented", ""),
}


@pytest.mark.parametrize("name", S3)
def test_a_wrong_request_over_s3(server, lake, name):
    method, target, headers, body, status, code, says = S3[name]
    before = state(server)
    got, elements = s3(server, method, target, headers, body)
    assert (got, elements["Code"]) == (status, code), elements
    assert elements["Message"] and any(says in (text or "") for text in elements.values()), elements
    assert state(server) == before


@pytest.mark.parametrize("spoil", ["X-Amz-Signature=0", "X-Amz-Expires=86401", "X-Amz-Date=20200101T000000Z"])
def test_a_presigned_url_that_was_changed(server, lake, spoil):
    url = server.s3(signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "requests", "Key": "main/ten"}, ExpiresIn=86400)
    parts = urllib.parse.urlsplit(url)
    name, value = spoil.split("=")
    query = {**dict(urllib.parse.parse_qsl(parts.query)), name: value}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", f"{parts.path}?{urllib.parse.urlencode(query)}")
    answer = connection.getresponse()
    elements = {child.tag: child.text for child in xml.etree.ElementTree.fromstring(answer.read())}
    assert answer.status in (400, 403) and elements["Code"] in (
        "SignatureDoesNotMatch", "AuthorizationQueryParametersError", "AuthorizationHeaderMalformed"), elements


@pytest.mark.parametrize("credentials", [(KEY, "wrong"), ("AKIAIOSFODNN7NOBODY0", SECRET)])
def test_wrong_keys(server, lake, credentials):
    before = state(server)
    request = AWSRequest(method="PUT", url=f"{server.url}/requests/main/x", data=b"x", headers=dict(UNSIGNED))
    SigV4Auth(Credentials(*credentials), "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("PUT", "/requests/main/x", body=b"x", headers=dict(request.headers))
    answer = connection.getresponse()
    elements = {child.tag: child.text for child in xml.etree.ElementTree.fromstring(answer.read())}
    assert answer.status == 403
    assert elements["Code"] == ("SignatureDoesNotMatch" if credentials[0] == KEY else "InvalidAccessKeyId")
    answer = server.rest("POST", "/repositories/requests/branches/main/objects", params={"path": "x"}, data=b"x",
                         auth=credentials)
    assert (answer.status_code, answer.json()["message"]) == (401, "error authenticating request")
    for token in ("nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."):
        answer = server.rest("GET", "/repositories", auth=None, headers={"Authorization": "Bearer " + token})
        assert answer.status_code == 401
    assert state(server) == before


# ---- Bytes ----

def raw(server, data, timeout=30):
    """Sends bytes as they are and half-closes; all that comes back."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout) as connection:
        answer = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionError:
            pass  # refused before all of it was sent
        return answer


def head(line, *fields):
    return "\r\n".join([line, "Host: x", "Authorization: " + BASIC, *fields, "", ""]).encode()


UPLOAD = "POST /api/v1/repositories/requests/branches/main/objects?path=x HTTP/1.1"
CREATE = "POST /api/v1/repositories HTTP/1.1"
FORM = "Content-Type: multipart/form-data; boundary=B"
PART = b'--B\r\nContent-Disposition: form-data; name="content"\r\n\r\n'
JSON = "Content-Type: application/json"
REPOSITORY = b'{"name":"made","storage_namespace":"local://made"}'

# name: bytes, status, what the answer says
BYTES = {
    "upload_cut": (head(UPLOAD, "Content-Length: 1000") + b"x" * 10, 400, "after 10 of the 1000 bytes announced"),
    "upload_cut_at_once": (head(UPLOAD, "Content-Length: 1000"), 400, "after 0 of the 1000 bytes announced"),
    "upload_chunks_cut": (head(UPLOAD, "Transfer-Encoding: chunked") + b"a\r\nshort", 400, "before its last chunk"),
    "upload_chunks_nonsense": (head(UPLOAD, "Transfer-Encoding: chunked") + b"zz\r\nx\r\n0\r\n\r\n", 400, "chunks"),
    "form_cut": (head(UPLOAD, FORM, "Content-Length: 1000") + PART + b"x", 400, "of the 1000 bytes announced"),
    "form_without_end": (head(UPLOAD, FORM, f"Content-Length: {len(PART) + 1}") + PART + b"x", 400, "unexpected EOF"),
    "json_cut": (head(CREATE, JSON, "Content-Length: 1000") + REPOSITORY, 400, "of the 1000 bytes announced"),
    "json_shorter": (head(CREATE, JSON, f"Content-Length: {len(REPOSITORY) - 1}") + REPOSITORY, 400, "request body"),
    "json_too_large": (head(CREATE, JSON, "Content-Length: 99999999999"), 413, "larger than"),
    "json_too_deep": (head(CREATE, JSON, "Content-Length: 200000") + b"[" * 200000, 400, "too deep"),
    "json_not_utf8": (head(CREATE, JSON, "Content-Length: 14") + b'{"name": "\xff\xfe"}', 400, "request body"),
    "length_negative": (head(UPLOAD, "Content-Length: -1"), 400, "Content-Length"),
    "length_huge": (head(UPLOAD, "Content-Length: " + "9" * 30), 400, "Content-Length"),
    "length_twice": (head(UPLOAD, "Content-Length: 1", "Content-Length: 2") + b"xx", 400, "Content-Length"),
    "length_and_chunks": (head(UPLOAD, "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400,
                          "Transfer-Encoding"),
    "coding_unknown": (head(UPLOAD, "Transfer-Encoding: gzip, chunked"), 501, "chunked"),
    "expectation_unknown": (head(UPLOAD, "Expect: 200-ok", "Content-Length: 1") + b"x", 417, "100-continue"),
    "host_missing": (b"GET /_health HTTP/1.1\r\n\r\n", 400, "Host"),
    "version_unknown": (b"GET /_health HTTP/9.9\r\nHost: x\r\n\r\n", 505, "HTTP/1.1"),
    "header_huge": (head(UPLOAD, "A: " + "x" * (1 << 20)), 431, "headers"),
    "headers_many": (head(UPLOAD, *["A: 1"] * 5000), 431, "headers"),
    "header_folded": (head(UPLOAD, "A: 1\r\n  2"), 400, "folded"),
    "header_with_nul": (head(UPLOAD, "A: \0"), 400, "control character"),
    "target_huge": (head("GET /" + "x" * (1 << 20) + " HTTP/1.1"), 414, "request line"),
    "target_with_nul": (head("GET /\0 HTTP/1.1"), 400, ""),
    "escape_cut": (head("GET /api/v1/repositories/%4 HTTP/1.1"), 400, ""),
    "http2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP/1.1"),
}


@pytest.mark.parametrize("name", BYTES)
def test_wrong_bytes(server, lake, name):
    data, status, says = BYTES[name]
    before = state(server)
    answer = raw(server, data)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:300]
    assert says in answer.split(b"\r\n\r\n", 1)[1].decode(), answer[:500]
    assert state(server) == before


# ---- Whatever comes to mind ----

EVIL = ["", "\0", "\n", "a" * 1025, "é" * 513, "..", "../../etc/passwd", "/", "//", "main~-1", "main^-1",
        "main~99999999999999999999", "main@@", "main$", "^", "-1", "9223372036854775808", "1e5", "NaN", "null", "{}",
        "%", "%zz", "%2e%2e%2f", "a b", "*", "local://", "local://requests/data/x", "local://../x", "local:///etc/passwd",
        "s3://x/y", "\u202e", "\ufeff", "A" * 64, "0" * 64, "<script>", "9999-99-99T99:99:99Z", ".lakefs.x", "::lakefs::x"]
GOOD = ["requests", "main", "ten", "dev", "v1", "main~1", "local://requests/x", "three_dot"]
NUMBERS = [0, 1, -1, 1001, 2**31, 2**63 - 1, 2**63, 2**64, 10**30]
# It would take the repository away that the others ask about; a login is counted against guessers.
SPARED = {"deleteRepository", "login", "setup"}


class Guesser:
    """Draws requests to a described API, right and wrong."""

    def __init__(self, document, seed):
        self.document = document
        self.draw = random.Random(seed)

    def resolve(self, schema):
        while "$ref" in schema:
            node = self.document
            for step in schema["$ref"].lstrip("#/").split("/"):
                node = node[step]
            schema = node
        return schema

    def text(self):
        return self.draw.choice(GOOD if self.draw.random() < 0.5 else EVIL)

    def value(self, schema, depth=0):
        schema = self.resolve(schema)
        if self.draw.random() < 0.1 or depth > 5:
            return self.draw.choice([None, True, -1, 1.5, 10**30, self.text(), [], {}, [self.text()]])
        if "enum" in schema and self.draw.random() < 0.7:
            return self.draw.choice(schema["enum"])
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if kind in ("integer", "number"):
            return self.draw.choice(NUMBERS)
        if kind == "boolean":
            return self.draw.choice([True, False])
        if kind == "array":
            return [self.value(schema.get("items", {}), depth + 1) for _ in range(self.draw.choice([0, 1, 1, 3]))]
        if kind == "object":
            required = schema.get("required", [])
            made = {name: self.value(inner, depth + 1) for name, inner in schema.get("properties", {}).items()
                    if self.draw.random() < (0.95 if name in required else 0.4)}
            if isinstance(schema.get("additionalProperties"), dict):
                made[self.text()] = self.value(schema["additionalProperties"], depth + 1)
            return made
        return self.text()

    def flat(self, schema):
        value = self.value(schema)
        return value if isinstance(value, str) else json.dumps(value)

    def request(self, method, path, operation, shared):
        query = []
        for parameter in map(self.resolve, [*shared, *operation.get("parameters", [])]):
            text = self.flat(parameter.get("schema", {})).encode("utf-8", "surrogatepass")
            if parameter["in"] == "path":
                path = path.replace("{%s}" % parameter["name"], urllib.parse.quote_from_bytes(text, safe=""))
            elif parameter["in"] == "query" and self.draw.random() < (0.95 if parameter.get("required") else 0.4):
                query += [(parameter["name"], text)] * self.draw.choice([1, 1, 1, 2])
        body, headers = b"", {}
        if "requestBody" in operation:
            kinds = self.resolve(operation["requestBody"]).get("content", {})
            kind = self.draw.choice(sorted(kinds) or ["application/json"])
            headers["Content-Type"] = kind
            body = self.text().encode("utf-8", "surrogatepass")
            if kind == "application/json":
                body = json.dumps(self.value(kinds[kind].get("schema", {}))).encode()
                body = body[:self.draw.randrange(len(body) + 1)] if self.draw.random() < 0.05 else body
        target = "/api/v1" + path + ("?" + urllib.parse.urlencode(query) if query else "")
        return method.upper(), target, body, headers


@pytest.mark.parametrize("seed", range(4))
def test_no_request_of_any_shape_is_an_internal_error_and_none_refused_changes_anything(server, lake, seed):
    document = server_document(server)
    operations = [(method, path, operation, methods.get("parameters", []))
                  for path, methods in sorted(document["paths"].items())
                  for method, operation in sorted(methods.items())
                  if method in ("get", "put", "post", "delete", "head") and operation["operationId"] not in SPARED]
    assert len(operations) > 80
    guesser = Guesser(document, seed)
    before = state(server)
    for _ in range(250):
        method, target, body, headers = guesser.request(*guesser.draw.choice(operations))
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request(method, target, body=body, headers={**headers, "Authorization": BASIC})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        told = f"seed {seed}: {method} {target} {body!r}: {answer.status} {text[:300]!r}"
        assert answer.status < 500 or answer.status == 501, told
        if answer.status < 300:
            before = state(server) if method in ("PUT", "POST", "DELETE") else before
        elif method in ("PUT", "POST", "DELETE"):
            assert state(server) == before, told


def server_document(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/openapi.json")
    return json.loads(connection.getresponse().read())

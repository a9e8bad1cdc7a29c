"""kill -9 while a multipart upload is being completed: whenever it comes, the client that asks again
gets the object that its parts make. The parts were acknowledged; they may not go before the object
has its name."""
import concurrent.futures
import hashlib
import pathlib

import botocore.exceptions

ROUNDS = 6
PARTS = [b"1" * (5 << 20), b"2" * 1000]
ETAG = '"%s-2"' % hashlib.md5(b"".join(hashlib.md5(part).digest() for part in PARTS)).hexdigest()


def client_of(server):
    return server.s3(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=30)


def upload_parts(s3, where):
    upload = s3.create_multipart_upload(**where)["UploadId"]
    etags = [s3.upload_part(**where, UploadId=upload, PartNumber=number, Body=part)["ETag"]
             for number, part in enumerate(PARTS, 1)]
    return {**where, "UploadId": upload, "MultipartUpload": {
        "Parts": [{"PartNumber": number, "ETag": etag} for number, etag in enumerate(etags, 1)]}}


def data_files(server):
    return {path for path in pathlib.Path(server.folder, "objects", "cut", "data").rglob("*") if path.is_file()}


def complete_and_kill(server, s3, request):
    """Kills the server as soon as the object's file is there: it has no name in the branch yet."""
    before = data_files(server)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        answer = pool.submit(s3.complete_multipart_upload, **request)
        while not answer.done() and not data_files(server) - before:
            pass
        server.kill()
        try:
            return answer.result()
        except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
            return None


def test_a_completion_that_was_cut_off_is_done_by_asking_again(make_server):
    server = make_server().start()
    server.repository("cut")
    for number in range(ROUNDS):
        where = {"Bucket": "cut", "Key": f"main/{number}"}
        request = upload_parts(client_of(server), where)
        complete_and_kill(server, client_of(server), request)
        s3 = client_of(server.start())
        for _ in range(2):  # once more after that, as a client does whose answer was lost
            assert s3.complete_multipart_upload(**request)["ETag"] == ETAG
        assert s3.get_object(**where)["Body"].read() == b"".join(PARTS)
        assert "Uploads" not in s3.list_multipart_uploads(Bucket="cut")
        assert not list(pathlib.Path(server.folder, "objects", ".varve", "uploads").iterdir())
    assert server.stop() == 0

#!/usr/bin/env python3
"""The sample repository `motion`: recordings of people moving, committed by day.

The recordings are BasicMotions, a public data set: a smartwatch's accelerometer and gyroscope, ten
times a second for ten seconds, while its wearer stands, walks, runs or plays badminton. They ship
inside the wheel of the Python package sktime, which is only read as a zip file here.

usage: motion.py fill --url URL --key KEY --secret SECRET
       motion.py serve --binary BINARY --data FOLDER [FLAG…]
                start a server (with these flags of `varve quickstart`), fill it, say what to do next

Each recording becomes raw/activity=…/recording=…/samples.parquet. A day's recordings are put on a
branch over S3, committed with what a reader will ask for a year later, and merged into main.
"""
import argparse
import functools
import io
import os
import pathlib
import signal
import subprocess
import sys
import threading
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
REPOSITORY = "motion"
SKTIME = "sktime==1.2.0"
CHANNELS = ["accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z"]
DAYS = ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]
SENSOR = "smartwatch accelerometer and gyroscope, 10 Hz"
KEY, SECRET = "AKIAIOSFOLQUICKSTART", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # of every quickstart


class Recording:
    def __init__(self, number, activity, channels):
        self.number = number
        self.activity = activity
        self.channels = channels  # six lists of a hundred numbers

    @property
    def path(self):
        return f"raw/activity={self.activity}/recording={self.number:04d}/samples.parquet"

    def parquet(self):
        import pyarrow
        import pyarrow.parquet
        columns = {"t_ms": pyarrow.array(range(0, 100 * len(self.channels[0]), 100), pyarrow.int32())}
        for name, values in zip(CHANNELS, self.channels):
            columns[name] = pyarrow.array(values, pyarrow.float64())
        out = io.BytesIO()
        pyarrow.parquet.write_table(pyarrow.table(columns), out)
        return out.getvalue()


def wheel():
    """The wheel of sktime, downloaded once into build/sample."""
    folder = ROOT / "build" / "sample"
    found = sorted(folder.glob("sktime-*.whl"))
    if not found:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check",
                        "--no-deps", "--only-binary", ":all:", "-d", folder, SKTIME], check=True)
        found = sorted(folder.glob("sktime-*.whl"))
    return found[0]


def parse_ts(text):
    """(activity, channels) of every line of a .ts file: channels are separated by colons."""
    for line in text.split("@data", 1)[1].split("\n"):
        if line.strip():
            *channels, label = line.strip().split(":")
            yield label.lower(), [[float(value) for value in channel.split(",")] for channel in channels]


@functools.cache
def recordings():
    """All eighty recordings; every day gets some of each activity."""
    found = []
    with zipfile.ZipFile(wheel()) as archive:
        for part in ("TRAIN", "TEST"):
            text = archive.read(f"sktime/datasets/data/BasicMotions/BasicMotions_{part}.ts").decode()
            found += parse_ts(text)
    return [Recording(number, activity, channels) for number, (activity, channels) in enumerate(found)]


def recordings_of(day):
    index = DAYS.index(day)
    return [recording for recording in recordings() if recording.number % len(DAYS) == index]


def metadata_of(day):
    return {"day": day, "recordings": str(len(recordings_of(day))), "sensor": SENSOR,
            "source": "BasicMotions"}


def lake_client(url, key, secret):
    import lakefs
    return lakefs.Client(host=url, username=key, password=secret)


def s3_client(url, key, secret):
    import boto3
    return boto3.client("s3", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret,
                        region_name="us-east-1")


def land_day(repository, s3, day):
    """Puts a day's recordings on a branch of their own, commits and merges them."""
    branch = repository.branch(f"ingest-{day}")
    if branch.id in [left.id for left in repository.branches(prefix=branch.id)]:
        branch.delete()  # of an attempt that was cut short
    branch.create(source_reference="main")
    for recording in recordings_of(day):
        s3.put_object(Bucket=repository.id, Key=f"{branch.id}/{recording.path}", Body=recording.parquet(),
                      ContentType="application/vnd.apache.parquet", Metadata={"sensor": SENSOR})
    branch.commit(message=f"Recordings of {day}", metadata=metadata_of(day))
    branch.merge_into("main", message=f"Land {day}")
    branch.delete()


def fill(url, key, secret, namespace=f"local://{REPOSITORY}"):
    """Makes the repository and lands the days that it lacks. True if anything was to be done."""
    import lakefs
    repository = lakefs.Repository(REPOSITORY, client=lake_client(url, key, secret))
    repository.create(storage_namespace=namespace, default_branch="main", exist_ok=True)
    if any(tag.id == "first-week" for tag in repository.tags()):
        return False
    s3 = s3_client(url, key, secret)
    landed = {commit.metadata.get("day") for commit in repository.ref("main").log()}
    for day in DAYS:
        if day not in landed:
            land_day(repository, s3, day)
    repository.tag("first-week").create("main")
    return True


NEXT = """
{url} serves repository `motion`: {count} recordings of {days} days, on branch main and under
tag first-week. Data and log are in {data}. In another terminal, paste:

  cd {root}
  export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID={key}
  export AWS_SECRET_ACCESS_KEY={secret}
  export PATH=$PWD/build/venv/bin:$PWD/build/venv-aws/bin:$PATH

  aws s3 ls s3://motion/main/raw/
  curl -s -u $AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY '{url}/api/v1/repositories/motion/refs/main/commits?amount=2'

README.md goes on from there: branch it, break it, merge it, take it back, ask it in SQL.
Ctrl-C stops the server; its data stays for the next ./dev run.
"""


def wait_until_serving(process):
    """The URL from the line the server prints once it listens; its other lines are passed on."""
    for line in process.stderr:
        sys.stderr.write(line)
        if " serving on " in line:
            return line.rsplit(" ", 1)[1].strip()
    raise SystemExit(f"the server ended with status {process.wait()}")


def pass_on(stream):
    """Keeps a pipe empty, so that the server never waits for its reader."""
    for line in stream:
        sys.stderr.write(line)


def serve(binary, data, flags):
    # Its own greeting is about a repository that is not the point here; NEXT says it all.
    process = subprocess.Popen([binary, "quickstart", "--data", data, *flags], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    # Whoever stops this script stops the server, once: a second signal would cut its requests off.
    # SIGINT by name too: what a shell starts in the background inherits that it is ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        url = wait_until_serving(process)
        threading.Thread(target=pass_on, args=(process.stderr,), daemon=True).start()
        print("filling repository motion …", flush=True)
        fill(url, KEY, SECRET)
        print(NEXT.format(count=len(recordings()), days=len(DAYS), root=ROOT, url=url, key=KEY,
                          secret=SECRET, data=pathlib.Path(data).resolve()), flush=True)
        process.wait()
    except KeyboardInterrupt:
        pass
    finally:
        if process.poll() is None:
            process.terminate()
    return process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    filling = commands.add_parser("fill")
    for name in ("url", "key", "secret"):
        filling.add_argument(f"--{name}", required=True)
    serving = commands.add_parser("serve")
    serving.add_argument("--binary", required=True)
    serving.add_argument("--data", default=os.path.join("build", "run-data"))
    arguments, flags = parser.parse_known_args()
    if arguments.command == "serve":
        return serve(arguments.binary, arguments.data, flags)
    if flags:
        parser.error(f"unknown arguments: {' '.join(flags)}")
    done = fill(arguments.url, arguments.key, arguments.secret)
    print("filled repository motion" if done else "repository motion is there already")
    return 0


if __name__ == "__main__":
    sys.exit(main())

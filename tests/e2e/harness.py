"""A real server on a port of its own, and the clients its users have."""
import os
import pathlib
import shutil
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = pathlib.Path(os.environ.get("VARVE_BINARY", ROOT / "build" / "dev" / "varve"))
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SERVING = " serving on "
START_SECONDS_MAX = 60
CLIENT_SECONDS_MAX = 120  # no command of a client takes that long, however busy the machine


def clean_environment():
    """Ours, without anything that would configure a server or an AWS client."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("VARVE_", "LAKEFS_", "AWS_", "LAKECTL_"))}


class Server:
    """One server process over one data folder. start() returns once it serves."""

    def __init__(self, folder, **settings):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.settings = {
            "listen_address": "127.0.0.1:0",
            "database.type": "local",
            "database.local.path": self.folder / "metadata",
            "blockstore.type": "local",
            "blockstore.local.path": self.folder / "objects",
            "auth.encrypt.secret_key": "end-to-end",
            "installation.user_name": "admin",
            "installation.access_key_id": KEY,
            "installation.secret_access_key": SECRET,
            "logging.output": self.folder / "varve.log",
            **{name.replace("__", "."): value for name, value in settings.items()},
        }
        self.process = None
        self.url = None
        self.lines = []  # of standard error
        self._serving = None  # set once the process launched last serves, or ends

    def command(self):
        return [BINARY, "serve"] + [f"--{key}={value}" for key, value in self.settings.items()]

    def launch(self):
        """Starts the process without waiting for it to serve."""
        self.url = None
        self._serving = threading.Event()
        self.process = subprocess.Popen([str(part) for part in self.command()], stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, text=True, cwd=self.folder,
                                        env=clean_environment())
        threading.Thread(target=self._read, args=(self.process, self._serving), daemon=True).start()
        return self

    def start(self):
        self.launch()
        if not self._serving.wait(START_SECONDS_MAX) or self.url is None:
            if self.process.poll() is None:
                self.kill()
            raise AssertionError("the server did not start: " + "".join(self.lines))
        # The same port after a restart, as clients expect of a server.
        self.settings["listen_address"] = self.url.split("//")[1]
        return self

    def _read(self, process, serving):
        for line in process.stderr:
            self.lines.append(line)
            if SERVING in line:
                self.url = line.rsplit(" ", 1)[1].strip()
                serving.set()
        serving.set()  # it ended; start() sees that there is no URL

    def kill(self):
        """kill -9: no chance to finish anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """A graceful stop; the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    # ---- Clients ----
    def lake(self):
        import lakefs
        return lakefs.Client(host=self.url, username=KEY, password=SECRET)

    def repository(self, name):
        """A fresh repository of that name, as the lakefs package sees it."""
        import lakefs
        repository = lakefs.Repository(name, client=self.lake())
        return repository.create(storage_namespace=f"local://{name}", default_branch="main")

    def s3(self, **config):
        """boto3 as it comes: no configuration but address and keys."""
        import boto3
        import botocore.config
        return boto3.client("s3", endpoint_url=self.url, aws_access_key_id=KEY,
                            aws_secret_access_key=SECRET, region_name="us-east-1",
                            config=botocore.config.Config(**config))

    def rest(self, method, path, **options):
        import requests
        options.setdefault("auth", (KEY, SECRET))
        return requests.request(method, f"{self.url}/api/v1{path}", timeout=60, **options)

    def aws(self, *arguments, check=True):
        """The AWS CLI; its standard output."""
        environment = {**clean_environment(), **self.aws_environment()}
        done = subprocess.run([ROOT / "build" / "venv-aws" / "bin" / "aws", *arguments], text=True,
                              capture_output=True, env=environment, timeout=CLIENT_SECONDS_MAX)
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def aws_environment(self):
        return {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}

    def file_system(self):
        import s3fs
        return s3fs.S3FileSystem(key=KEY, secret=SECRET, endpoint_url=self.url, use_listings_cache=False,
                                 skip_instance_cache=True, client_kwargs={"region_name": "us-east-1"})

    def arrow(self):
        """pyarrow's own S3 client."""
        import pyarrow.fs
        return pyarrow.fs.S3FileSystem(access_key=KEY, secret_key=SECRET, region="us-east-1", scheme="http",
                                       endpoint_override=self.url.split("//")[1])

    def log_text(self):
        return (self.folder / "varve.log").read_text()


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)

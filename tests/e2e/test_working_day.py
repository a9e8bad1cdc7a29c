"""A working day of a team with sensor data: land, commit, branch, recompute, compare, merge, roll
back, and read what was true last week. Every step with the tools they own."""
import json

import duckdb
import lakefs
import motion
import numpy
import pyarrow
import pyarrow.parquet
import pytest

REPOSITORY = "motion"


@pytest.fixture(scope="module")
def lake(server):
    """The repository after five days of recordings."""
    assert motion.fill(server.url, *keys())
    return lakefs.Repository(REPOSITORY, client=server.lake())


def keys():
    import harness
    return harness.KEY, harness.SECRET


def energy_table(server, ref, activity, scale):
    """One row a recording: the mean square of its acceleration, in units of `scale`."""
    files = server.file_system()
    rows = {"recording": [], "energy": []}
    for path in sorted(files.glob(f"{REPOSITORY}/{ref}/raw/activity={activity}/recording=*/samples.parquet")):
        with files.open(path, "rb") as file:
            table = pyarrow.parquet.read_table(file)
        squares = sum(numpy.square(table[f"accel_{axis}"].to_numpy()) for axis in "xyz")
        rows["recording"].append(path.split("recording=")[1].split("/")[0])
        rows["energy"].append(float(squares.mean()) * scale)
    return pyarrow.table(rows)


def write_feature(server, ref, scale=1.0):
    files = server.file_system()
    for activity in ("standing", "walking", "running", "badminton"):
        with files.open(f"{REPOSITORY}/{ref}/features/energy/{activity}.parquet", "wb") as file:
            pyarrow.parquet.write_table(energy_table(server, ref, activity, scale), file)


def sql(server, text):
    connection = duckdb.connect()
    connection.register_filesystem(server.file_system())
    return connection.execute(text).fetchall()


def mean_energy(server, ref):
    return dict(sql(server, f"""
        select regexp_extract(filename, 'energy/(\\w+)[.]', 1) as activity, avg(energy)
        from read_parquet('s3://{REPOSITORY}/{ref}/features/energy/*.parquet', filename = true)
        group by 1"""))


def test_recordings_landed_day_by_day(server, lake):
    log = list(lake.ref("main").log())
    merges = [commit for commit in log if len(commit.parents) == 2]
    assert [commit.message for commit in merges] == [f"Land {day}" for day in reversed(motion.DAYS)]
    days = [commit for commit in log if commit.message.startswith("Recordings of")]
    assert {commit.metadata["day"] for commit in days} == set(motion.DAYS)
    for commit in days:
        assert commit.metadata["recordings"] == "16"
        assert commit.metadata["sensor"] == motion.SENSOR
    assert log[-1].message == "Repository created"
    paths = {thing.path for thing in lake.ref("main").objects(prefix="raw/")}
    assert paths == {recording.path for recording in motion.recordings()}


def test_bytes_are_those_that_were_put(server, lake):
    recording = motion.recordings()[17]
    body = server.s3().get_object(Bucket=REPOSITORY, Key=f"main/{recording.path}")
    assert body["Body"].read() == recording.parquet()
    assert body["Metadata"] == {"sensor": motion.SENSOR}
    assert lake.ref("main").object(recording.path).reader().read() == recording.parquet()


def test_the_aws_cli_sees_the_same(server, lake):
    listing = server.aws("s3", "ls", "--recursive", f"s3://{REPOSITORY}/main/raw/").stdout
    assert len(listing.splitlines()) == 80
    assert "PRE activity=walking/" in server.aws("s3", "ls", f"s3://{REPOSITORY}/main/raw/").stdout
    answer = server.aws("s3api", "head-object", "--bucket", REPOSITORY,
                        "--key", f"main/{motion.recordings()[3].path}").stdout
    assert json.loads(answer)["ContentLength"] == len(motion.recordings()[3].parquet())


def test_a_feature_is_recomputed_in_a_sandbox_compared_and_promoted(server, lake):
    main = lake.branch("main")
    write_feature(server, "main")
    main.commit("Energy of every recording", metadata={"feature": "energy", "version": "1"})

    sandbox = lake.branch("energy-v2").create("main")
    before = main.head.id
    write_feature(server, "energy-v2", scale=9.81 ** 2)  # metres a second squared instead of g
    sandbox.commit("Energy in SI units", metadata={"feature": "energy", "version": "2"})
    assert main.head.id == before, "work in the sandbox does not touch production"

    old, new = mean_energy(server, "main"), mean_energy(server, "energy-v2")
    assert set(old) == {"standing", "walking", "running", "badminton"}
    for activity, value in old.items():
        assert new[activity] == pytest.approx(value * 9.81 ** 2)
    assert old["standing"] < old["walking"] < old["running"]

    changed = {change.path: change.type for change in main.diff(other_ref="energy-v2")}
    assert changed == {f"features/energy/{activity}.parquet": "changed" for activity in old}
    merged = sandbox.merge_into(main, message="Promote energy in SI units")
    assert main.head.id == merged
    assert mean_energy(server, "main") == new
    assert main.get_commit().metadata.get("feature") is None  # a merge has metadata of its own
    sandbox.delete()


def test_a_bad_commit_is_rolled_back(server, lake):
    main = lake.branch("main")
    good = mean_energy(server, "main")
    path = "features/energy/walking.parquet"
    right = main.object(path).reader().read()
    main.object(path).upload(b"not Parquet at all")
    bad = main.commit("A bad day", metadata={"ticket": "1234"})
    assert main.object(path).reader().read() == b"not Parquet at all"

    main.revert(bad.id)
    assert main.object(path).reader().read() == right
    assert mean_energy(server, "main") == good
    messages = [commit.message for commit in main.log(max_amount=2)]
    assert messages[0].startswith("Revert") and messages[1] == "A bad day", "history keeps both"


def test_last_week_is_read_byte_for_byte(server, lake):
    first_week = lake.tag("first-week").get_commit()
    s3 = server.s3()
    for recording in motion.recordings()[::7]:
        lake.branch("main").object(recording.path).delete()
    lake.branch("main").commit("Forget some recordings")
    for recording in motion.recordings():
        got = s3.get_object(Bucket=REPOSITORY, Key=f"{first_week.id}/{recording.path}")["Body"].read()
        assert got == recording.parquet()
    missing = [thing for thing in lake.ref("main").objects(prefix="raw/")]
    assert len(missing) == 80 - len(motion.recordings()[::7])


def test_the_history_survives_a_restart(server, lake):
    before = [(commit.id, commit.message, commit.metadata) for commit in lake.ref("main").log()]
    server.stop()
    server.start()
    after = [(commit.id, commit.message, commit.metadata) for commit in lake.ref("main").log()]
    assert after == before

"""A working day of a team with sensor data: land, commit, branch, recompute, compare, merge, roll
back, and read what was true last week. Every step with the tools they own: boto3 lands, pyarrow
computes, DuckDB compares, the AWS CLI looks and restores, the lakefs package versions it all."""
import json

import duckdb
import lakefs
import lakefs.exceptions
import motion
import numpy
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pytest

from harness import KEY, SECRET

REPOSITORY = "motion"
ACTIVITIES = ("standing", "walking", "running", "badminton")
SI = 9.81 ** 2  # of a mean square in g, in metres a second squared


@pytest.fixture(scope="module")
def lake(server):
    """The repository after five days of recordings, landed over S3."""
    assert motion.fill(server.url, KEY, SECRET)
    return lakefs.Repository(REPOSITORY, client=server.lake())


@pytest.fixture(scope="module")
def production(server, lake):
    """The same with the first version of the feature committed on main."""
    write_feature(server, "main")
    lake.branch("main").commit("Energy of every recording", metadata={"feature": "energy", "version": "1"})
    return lake


def energy(server, ref, activity, scale):
    """One row a recording: the mean square of its acceleration, in units of `scale`."""
    dataset = pyarrow.dataset.dataset(f"{REPOSITORY}/{ref}/raw/activity={activity}", partitioning="hive",
                                      filesystem=server.arrow())
    table = dataset.to_table()
    squares = sum(numpy.square(table[f"accel_{axis}"].to_numpy()) for axis in "xyz") * scale
    means = table.append_column("energy", pyarrow.array(squares)).group_by("recording").aggregate([("energy", "mean")])
    return means.rename_columns(["recording", "energy"])


def write_feature(server, ref, scale=1.0):
    for activity in ACTIVITIES:
        pyarrow.parquet.write_table(energy(server, ref, activity, scale), filesystem=server.arrow(),
                                    where=f"{REPOSITORY}/{ref}/features/energy/{activity}.parquet")


def features(ref):
    return f"read_parquet('s3://{REPOSITORY}/{ref}/features/energy/*.parquet', filename = true)"


def sql(server, text):
    connection = duckdb.connect()
    connection.register_filesystem(server.file_system())
    return connection.execute(text).fetchall()


def mean_energy(server, ref):
    return dict(sql(server, f"select regexp_extract(filename, 'energy/(\\w+)[.]', 1), avg(energy) "
                            f"from {features(ref)} group by 1"))


def history(lake):
    return [(commit.id, commit.parents, commit.message, commit.committer, commit.metadata)
            for commit in lake.ref("main").log()]


def test_recordings_landed_day_by_day(server, lake):
    log = list(lake.ref("main").log())
    merges = [commit for commit in log if len(commit.parents) == 2]
    assert [commit.message for commit in merges] == [f"Land {day}" for day in reversed(motion.DAYS)]
    days = {commit.metadata["day"]: commit for commit in log if commit.message.startswith("Recordings of")}
    assert set(days) == set(motion.DAYS)
    for day, commit in days.items():
        assert commit.metadata == motion.metadata_of(day) and commit.metadata["recordings"] == "16"
        landed = {change.path for change in lake.ref(commit.parents[0]).diff(commit.id)}
        assert landed == {recording.path for recording in motion.recordings_of(day)}
    assert log[-1].message == "Repository created"
    paths = {thing.path for thing in lake.ref("main").objects(prefix="raw/")}
    assert paths == {recording.path for recording in motion.recordings()}
    assert [branch.id for branch in lake.branches()] == ["main"], "the ingest branches are gone"


def test_bytes_are_those_that_were_put(server, lake):
    recording = motion.recordings()[17]
    body = server.s3().get_object(Bucket=REPOSITORY, Key=f"main/{recording.path}")
    assert body["Body"].read() == recording.parquet()
    assert body["Metadata"] == {"sensor": motion.SENSOR}
    assert body["ContentType"] == "application/vnd.apache.parquet"
    assert lake.ref("main").object(recording.path).reader().read() == recording.parquet()


def test_the_aws_cli_sees_the_same(server, lake):
    listing = server.aws("s3", "ls", "--recursive", f"s3://{REPOSITORY}/main/raw/").stdout
    assert len(listing.splitlines()) == 80
    assert "PRE activity=walking/" in server.aws("s3", "ls", f"s3://{REPOSITORY}/main/raw/").stdout
    answer = server.aws("s3api", "head-object", "--bucket", REPOSITORY,
                        "--key", f"main/{motion.recordings()[3].path}").stdout
    assert json.loads(answer)["ContentLength"] == len(motion.recordings()[3].parquet())


def test_a_feature_is_recomputed_in_a_sandbox_compared_and_promoted(server, production):
    main = production.branch("main")
    before = main.head.id
    sandbox = production.branch("energy-v2").create("main")
    write_feature(server, "energy-v2", scale=SI)
    server.kill()  # in the middle of the work
    server.start()
    changed = {change.path: change.type for change in sandbox.uncommitted()}
    assert changed == {f"features/energy/{activity}.parquet": "changed" for activity in ACTIVITIES}
    sandbox.commit("Energy in SI units", metadata={"feature": "energy", "version": "2"})
    assert main.head.id == before, "work in the sandbox does not touch production"

    rows = sql(server, f"""
        select recording, new.energy / old.energy
        from {features("main")} old join {features("energy-v2")} new using (recording)""")
    assert len(rows) == 80
    assert [ratio for _, ratio in rows] == pytest.approx([SI] * 80)
    old, new = mean_energy(server, "main"), mean_energy(server, "energy-v2")
    assert set(old) == set(ACTIVITIES)
    assert old["standing"] < old["walking"] < old["badminton"] < old["running"]

    assert {change.path: change.type for change in main.diff(other_ref="energy-v2")} == changed
    merged = sandbox.merge_into(main, message="Promote energy in SI units")
    assert main.head.id == merged
    assert mean_energy(server, "main") == new
    assert mean_energy(server, "main~1") == old, "what was production is there by name"
    assert main.get_commit().metadata.get("feature") is None  # a merge has metadata of its own
    sandbox.delete()


def test_a_bad_commit_is_rolled_back(server, production):
    main = production.branch("main")
    good = mean_energy(server, "main")
    path = "features/energy/walking.parquet"
    right = main.object(path).reader().read()
    server.s3().put_object(Bucket=REPOSITORY, Key=f"main/{path}", Body=b"not Parquet at all")
    bad = main.commit("A bad day", metadata={"ticket": "1234"})
    with pytest.raises(duckdb.Error):
        mean_energy(server, "main")

    main.revert(bad.id)
    assert main.object(path).reader().read() == right
    assert mean_energy(server, "main") == good
    messages = [commit.message for commit in main.log(max_amount=2)]
    assert messages[0].startswith("Revert") and messages[1] == "A bad day", "history keeps both"
    assert main.object(path).stat().checksum == production.ref(f"{bad.id}~1").object(path).stat().checksum


def test_last_week_is_read_byte_for_byte(server, production, tmp_path):
    main = production.branch("main")
    first_week = production.tag("first-week").get_commit()
    forgotten = motion.recordings()[::7]
    main.delete_objects([recording.path for recording in forgotten])
    main.commit("Forget some recordings")
    assert len(list(main.objects(prefix="raw/"))) == 80 - len(forgotten)

    server.aws("s3", "sync", "--only-show-errors", f"s3://{REPOSITORY}/{first_week.id}/", str(tmp_path))
    read = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert read == {recording.path: recording.parquet() for recording in motion.recordings()}
    s3 = server.s3()
    for recording in forgotten:
        got = s3.get_object(Bucket=REPOSITORY, Key=f"first-week/{recording.path}")["Body"].read()
        assert got == recording.parquet()
        assert not main.object(recording.path).exists()
    with pytest.raises(lakefs.exceptions.LakeFSException):
        production.branch(first_week.id).object("raw/new").upload(b"history is not written to")


def test_the_history_survives_a_restart(server, production):
    before = history(production)
    server.stop()
    server.start()
    assert history(production) == before

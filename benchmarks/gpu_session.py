r"""A rented GPU with no network and little time: bring what it lacks, train, go home.

1. At home, pack FER2013 and the ImageNet weights into parts that are small enough to be
   carried:

       python benchmarks/gpu_session.py pack parts --weights vgg19.weights.h5

   Fetch as wheels what the machine lacks. Where JAX and the scientific packages are
   there, that is:

       pip download --no-deps --python-version 3.12 --only-binary=:all: -d wheels \
           keras namex optree

2. There, once for every part that is carried:

       python benchmarks/gpu_session.py collect parts session

   The last one completes the whole, which is checked and written as `fer2013.csv` and
   the weights. Wheels:

       python -m pip install --no-index --no-deps --target site wheels/*.whl

3. There, as often as time allows:

       export PYTHONPATH=$PWD/site FERCOURSE_CODE=$COMMIT
       python benchmarks/gpu_session.py work session --out $OUT --minutes 9 \
           --speed --train "--seed 1"

   This measures the speed of training, then makes runs: those that `--train` names, or
   else the queue's for a GPU. The next call on the same machine continues what is not
   finished. Of every finished run it keeps what its model says of the training faces
   (for `--teachers`) and its attention maps of fixed faces, since the model stays
   there. All that goes home is in `--out`, in files of at most `--file-mib`.

4. At home, put runs, maps and answers in their places:

       python benchmarks/gpu_session.py unpack $OUT data

A quarter of an hour on an H200; starting and `collect` take about two minutes of it:

    python benchmarks/gpu_session.py work session --out $OUT --plan probes   # 3.5 min
    python benchmarks/gpu_session.py work session --out $OUT --plan full \
        --with "--learning-rate 5e-5"                                        # 9 min

`PLAN` has their runs. `probes` trains the paper's network at 112 pixels with four rates
and scales: compare them on PublicTest (`python -m fercourse table3` shows it), and give
what is best to `full` by `--with`, which trains the paper's network at 224 pixels and
then network B. Give `plain`, which is VGG19 without the block by the same recipe as the
paper's network, to a quarter of an hour of its own (6 minutes). What an epoch costs:
10 s at 224 pixels, 2 s at 112, and 25 s to compile and 30 s to test each run.

A rehearsal on a CPU, with two steps an epoch on drawn faces in FER2013's format:

    python benchmarks/gpu_session.py rehearse rehearsal
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # there the library is not installed
TILES = 128
"""Faces in a row of the contact sheet: as PNG the images are as small as they get."""

STARTING, RESERVE = 15.0, 30.0
"""Seconds of `--minutes` that training does not get, before and after it."""

_PROBE = "--size 112 --recipe full --epochs 6 --mixup-off-epochs 2 --views 1"
_SCALED = "--feature-scale 0.05 --recipe full"
_NETWORK_B = (
    "--after block3_pool block4_pool block5_pool --combine gate --normalise-map "
    "--head mean_max"
)

PLAN: dict[str, tuple[float, list[str]]] = {
    "probes": (
        3.5,
        [
            f"{_PROBE} --feature-scale {scale} --learning-rate {rate} "
            f"--name probe-{scale}-{rate}"
            for scale, rate in (
                ("0.05", "5e-5"),
                ("0.05", "1e-4"),
                ("0.05", "2e-5"),
                ("0.02", "5e-5"),
            )
        ],
    ),
    "full": (
        9.0,
        [
            f"{_SCALED} --epochs 26 --name quarter-hour-paper",
            f"{_NETWORK_B} {_SCALED} --epochs 12 --name quarter-hour-network-b",
        ],
    ),
    "plain": (6.0, [f"--system vgg19 {_SCALED} --epochs 26 --name quarter-hour-plain"]),
}
"""What to train in a quarter of an hour: minutes, and the options of each run.

Usual names do not say the epochs, and the full recipe's 40 are another run.
"""


def main() -> int:
    """Do what the first word says."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, dest="command")
    pack_ = commands.add_parser(
        "pack", help="at home: FER2013 and weights into small parts"
    )
    pack_.add_argument("parts", type=Path)
    pack_.add_argument("--data", type=Path, help="FER2013; found without")
    pack_.add_argument(
        "--weights",
        type=Path,
        help="weights of keras.applications.VGG19(include_top=False)",
    )
    pack_.add_argument("--part-mib", type=float, default=25.0)
    collect_ = commands.add_parser(
        "collect", help="there: take up parts, put them together with the last"
    )
    collect_.add_argument("parts", type=Path)
    collect_.add_argument("session", type=Path)
    work_ = commands.add_parser("work", help="there: measure and train")
    work_.add_argument("session", type=Path)
    work_.add_argument("--out", type=Path, required=True, help="what goes home")
    work_.add_argument("--minutes", type=float, help="for everything")
    work_.add_argument("--plan", choices=PLAN, help="runs and minutes of `PLAN`")
    work_.add_argument(
        "--with", default="", dest="more", metavar="OPTIONS", help="for each run"
    )
    work_.add_argument(
        "--train", action="append", default=[], metavar="OPTIONS", help="of one run"
    )
    work_.add_argument(
        "--speed", nargs="?", const="", help="measure first; options of train_speed.py"
    )
    work_.add_argument("--file-mib", type=float, default=15.0)
    keep_ = commands.add_parser("keep", help="what `work` calls after training")
    keep_.add_argument("session", type=Path)
    unpack_ = commands.add_parser(
        "unpack", help="at home: runs, maps and answers in their places"
    )
    unpack_.add_argument("out", type=Path)
    unpack_.add_argument("data", type=Path)
    rehearse_ = commands.add_parser("rehearse", help="all of it, on a CPU, in minutes")
    rehearse_.add_argument("folder", type=Path)
    options = parser.parse_args()
    return globals()[options.command](options)


def pack(options: argparse.Namespace) -> int:
    """Write the parts, and next to them the digest of the whole."""
    from fercourse.data.faces import SPLITS
    from fercourse.data.fer2013.load import load_fer2013

    data = load_fer2013(options.data)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for split in SPLITS:
            faces = getattr(data, split.name)
            faces.require_labels("packing")
            archive.writestr(f"{split.usage}.png", _contact_sheet(faces.images))
            archive.writestr(f"{split.usage}.labels", bytes(faces.emotions))
        if options.weights is not None:
            archive.write(options.weights, "vgg19.weights.h5", zipfile.ZIP_DEFLATED)
    content = whole.getvalue()
    options.parts.mkdir(parents=True, exist_ok=True)
    for old in options.parts.glob("part-*"):
        old.unlink()
    paths = _write_parts(content, options.parts, int(options.part_mib * 2**20))
    (options.parts / "whole.sha256").write_text(
        f"{hashlib.sha256(content).hexdigest()} {len(paths)}\n"
    )
    print(
        f"{len(content) / 2**20:.1f} MiB in {len(paths)} parts; `whole.sha256` goes "
        f"with each of them."
    )
    return 0


def _contact_sheet(images) -> bytes:
    import numpy as np
    from PIL import Image

    rows = -(-len(images) // TILES)
    sheet = np.zeros((rows * TILES, 48, 48), "uint8")
    sheet[: len(images)] = images
    sheet = (
        sheet.reshape(rows, TILES, 48, 48)
        .transpose(0, 2, 1, 3)
        .reshape(rows * 48, TILES * 48)
    )
    packed = io.BytesIO()
    Image.fromarray(sheet).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def _faces_of(sheet: bytes, count: int):
    import numpy as np
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # it is our own sheet, and large
    pixels = np.asarray(Image.open(io.BytesIO(sheet)))
    tiles = pixels.reshape(len(pixels) // 48, 48, TILES, 48).transpose(0, 2, 1, 3)
    return tiles.reshape(-1, 48, 48)[:count]


def _write_parts(content: bytes, folder: Path, size: int) -> list[Path]:
    paths = []
    for number, start in enumerate(range(0, len(content), size)):
        paths.append(folder / f"part-{number:02d}")
        paths[-1].write_bytes(content[start : start + size])
    return paths


def collect(options: argparse.Namespace) -> int:
    """Keep these parts; when all are here, write `fer2013.csv` and the weights."""
    kept = options.session / "parts"
    kept.mkdir(parents=True, exist_ok=True)
    for path in [*options.parts.glob("part-*"), options.parts / "whole.sha256"]:
        shutil.copy(path, kept)
    digest, count = (kept / "whole.sha256").read_text().split()
    paths = sorted(kept.glob("part-*"))
    print(f"{len(paths)} of {count} parts are here.", flush=True)
    if len(paths) < int(count):
        return 0
    content = b"".join(path.read_bytes() for path in paths)
    if hashlib.sha256(content).hexdigest() != digest:
        print(
            "The parts together are not what was packed: pack and carry them anew.",
            file=sys.stderr,
        )
        return 1
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _write_csv(archive, options.session / "fer2013.csv")
        if "vgg19.weights.h5" in archive.namelist():
            archive.extract("vgg19.weights.h5", options.session)
    shutil.rmtree(kept)
    print("fer2013.csv and what else was packed are written.")
    return 0


def _write_csv(archive: zipfile.ZipFile, path: Path) -> None:
    from fercourse.data.faces import SPLITS
    from fercourse.machine import write_whole

    with (
        write_whole(path) as part,
        open(part, "w", encoding="ascii", newline="\n") as file,
    ):
        file.write("emotion,pixels,Usage\n")
        for _, usage, _ in SPLITS:
            emotions = archive.read(f"{usage}.labels")
            images = _faces_of(archive.read(f"{usage}.png"), len(emotions))
            rows = images.reshape(-1, 48 * 48).tolist()
            for emotion, pixels in zip(emotions, rows, strict=True):
                file.write(f"{emotion},{' '.join(map(str, pixels))},{usage}\n")


def work(options: argparse.Namespace) -> int:
    """Measure, train, keep and pack within the minutes; returns 0 if all runs exist."""
    minutes, runs = PLAN.get(options.plan, (None, options.train or ["--queue gpu"]))
    minutes = options.minutes or minutes
    if minutes is None:
        raise SystemExit("Give --minutes, or a --plan that has them.")
    deadline = time.monotonic() + 60 * minutes
    options.out.mkdir(parents=True, exist_ok=True)
    session = options.session.resolve()
    environment = _environment(session)
    if options.speed is not None:
        speed = [str(ROOT / "benchmarks" / "train_speed.py")]
        speed += ["--json", str(options.out / "speed.json")]
        _call([*speed, *shlex.split(options.speed)], environment, deadline - RESERVE)
    places = ["--data", session / "fer2013.csv", "--results", session / "results"]
    places = [*map(str, places), "--checkpoints", str(session / "checkpoints")]
    statuses = []
    for words in runs:
        minutes = (deadline - RESERVE - STARTING - time.monotonic()) / 60
        if minutes <= 0.2:
            print(f"No time is left for {words}.", flush=True)
            statuses.append(1)
            continue
        # What is given twice counts the last time.
        own = [*shlex.split(words), *shlex.split(options.more)]
        command = ["-m", "fercourse", "train", *own, *places]
        command += ["--minutes", f"{minutes:.2f}"]
        statuses.append(_call(command, environment, deadline - RESERVE / 3))
    if list((session / "results").rglob("*.json")):
        _call([__file__, "keep", str(session)], environment, deadline - 10)
    take_home(session, options.out, int(options.file_mib * 2**20))
    return max(statuses)


def _environment(session: Path) -> dict[str, str]:
    """Of every process: where the library is, and what XLA compiled for other runs."""
    weights = session / "vgg19.weights.h5"
    usual = {
        "KERAS_BACKEND": "jax",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TQDM_MININTERVAL": "20",
        "PYTHONUNBUFFERED": "1",
        "FERCOURSE_CACHE": str(session / "cache"),
        "JAX_COMPILATION_CACHE_DIR": str(session / "compiled"),
        "XLA_PYTHON_CLIENT_MEM_FRACTION": "0.9",
        **({"FERCOURSE_VGG19_WEIGHTS": str(weights)} if weights.is_file() else {}),
    }
    environment = {**usual, **os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
    )
    return environment


def _call(words: list[str], environment: dict[str, str], deadline: float) -> int:
    """Run Python until the deadline at the latest; its exit status, 124 if ended."""
    print(f"\n$ python {shlex.join(words)}", flush=True)
    started = time.monotonic()
    command = [sys.executable, *words]
    with subprocess.Popen(command, env=environment, cwd=ROOT) as process:
        try:
            status = process.wait(max(deadline - started, 1))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # `train` writes its checkpoint
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            status = 124
    print(f"({time.monotonic() - started:.0f} s, exit status {status})", flush=True)
    return status


def keep(options: argparse.Namespace) -> int:
    """Keep each finished model's answers to Training, and its maps of fixed faces."""
    from fercourse.machine import load_backend

    load_backend()
    import keras
    import numpy as np

    from fercourse.data.fer2013.load import load_fer2013
    from fercourse.data.practice import practice_faces
    from fercourse.results.teachers import keep_answers
    from fercourse.training.prediction import attention_maps

    data = load_fer2013(options.session / "fer2013.csv")
    looked_at = {
        "public": data.validation.images[:64],
        "practice": practice_faces(42, seed=0).faces.images,
    }
    for path in sorted((options.session / "results").rglob("*.json")):
        name, maps = path.stem, options.session / "maps" / f"{path.stem}.npz"
        model_path = options.session / "checkpoints" / name / f"{name}.keras"
        if maps.exists() or not model_path.is_file():
            continue
        model = keras.models.load_model(model_path)
        folder = options.session / "teachers"
        try:
            keep_answers(name, model, data, results=path.parent, answers=folder)
        except ValueError as error:
            # What the other runs answer must come home all the same.
            print(f"{name}: no answers are kept. {error}", file=sys.stderr)
        kept = {
            f"{kind}_{layer}": values.astype("float16")
            for kind, images in looked_at.items()
            for layer, values in attention_maps(model, images).items()
        }
        maps.parent.mkdir(exist_ok=True)
        np.savez_compressed(maps, **kept)
        print(f"{name}: answers and {len(kept)} sets of maps are kept.", flush=True)
    return 0


def take_home(session: Path, out: Path, size: int) -> None:
    """Pack results, maps and answers into archives `home-NN.zip` below `size` bytes."""
    for old in out.glob("home-*.zip"):
        old.unlink()
    number, filled, archive = 0, size, None
    for kind in ("results", "maps", "teachers"):
        for path in sorted((session / kind).rglob("*.*")):
            if filled + path.stat().st_size > size:
                if archive is not None:
                    archive.close()
                archive = zipfile.ZipFile(out / f"home-{number:02d}.zip", "w")
                filled, number = 0, number + 1
            # They are compressed already. Runs on other data have their own folder.
            archive.write(path, path.relative_to(session).as_posix())
            filled += path.stat().st_size + 4096
    if archive is not None:
        archive.close()
    print(f"\n{number} file(s) to take home.", flush=True)


def unpack(options: argparse.Namespace) -> int:
    """Put what came home into `results`, `results/maps` and `teachers` of `data`.

    Runs under a name that spells out every changed field get their short name.
    """
    from fercourse.machine import write_whole

    places = {"results": "results", "maps": "results/maps", "teachers": "teachers"}
    names = sorted(_short_names(options.out).items())
    count = 0
    for path in sorted(options.out.glob("home-*.zip")):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                content, name = archive.read(member), member
                for long, short in names:
                    name = name.replace(long, short)
                    if member.endswith(".json"):
                        content = content.replace(long.encode(), short.encode())
                kind, *folders = name.split("/")
                inside = Path(*folders[-2:])  # of them, at most the data set's folder
                target = options.data / places[kind] / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                with write_whole(target) as part:
                    part.write_bytes(content)
                count += 1
    print(f"{count} files are in {options.data.name}.")
    return 0


def _short_names(folder: Path) -> dict[str, str]:
    """The short names of the runs that came home with a spelled-out one."""
    from fercourse.training.experiment import run_name

    names = {}
    for path in folder.glob("home-*.zip"):
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if not member.endswith(".json"):
                    continue
                about = json.loads(archive.read(member))
                what = about["configuration"], about["recipe"]
                long = run_name(*what, spelled=len(about["recipe"]))
                short = run_name(*what)
                if long != short and about["name"].endswith(long):
                    names[long] = short
    return names


def rehearse(options: argparse.Namespace) -> int:
    """All steps in turn on few drawn faces: two steps an epoch, two calls of `work`."""
    folder, script = options.folder.resolve(), str(Path(__file__).resolve())
    folder.mkdir(parents=True, exist_ok=True)
    _drawn_csv(folder / "home" / "fer2013.csv")
    environment = _environment(folder / "session")
    small = "--size 48 --width 0.125 --weights none --batch-size 16"
    small += " --epochs 3 --warmup-epochs 1 --mixup-off-epochs 1"
    parts, session, out = (str(folder / name) for name in ("parts", "session", "out"))
    home = folder / "home"
    work = [script, "work", session, "--out", out, "--minutes", "20"]
    speed = "--steps 2 --rounds 1 --size 48 --width 0.125 --batch 16"
    # One probe is enough: the others differ in a number.
    probe, *_ = PLAN["probes"][1]
    student = f"{_NETWORK_B} {_SCALED} --name student --teachers {probe.split()[-1]}"
    steps = [
        [script, "pack", parts, "--data", str(home), "--part-mib", "0.05"],
        [script, "collect", parts, session],
        [*work, "--train", probe, "--with", small, "--speed", speed],
        [*work, "--plan", "full", "--with", small],
        [*work, "--train", student, "--with", small],
        [script, "unpack", out, str(home / "data")],
    ]
    for words in steps:
        if status := _call(words, environment, time.monotonic() + 3600):
            return status
    runs = sorted(path.stem for path in (home / "data" / "results").rglob("*.json"))
    print(f"\nHome again: {', '.join(runs)}.")
    return 0


def _drawn_csv(path: Path) -> None:
    """32 training faces and 16 for each test, drawn, in the form of FER2013."""
    from fercourse.data.practice import practice_faces

    faces = practice_faces(64, seed=7).faces
    usages = ["Training"] * 32 + ["PublicTest"] * 16 + ["PrivateTest"] * 16
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write("emotion,pixels,Usage\n")
        for image, emotion, usage in zip(
            faces.images, faces.emotions, usages, strict=True
        ):
            pixels = " ".join(map(str, image.ravel().tolist()))
            file.write(f"{emotion},{pixels},{usage}\n")


if __name__ == "__main__":
    sys.exit(main())

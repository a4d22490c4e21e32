"""A rented GPU that is bare, has no network and little time: bring what it lacks, use it, take the runs home.

1. At home: `pack` puts FER2013 and the ImageNet weights into parts that are small
enough to be carried.

       python benchmarks/gpu_session.py pack parts --weights vgg19.weights.h5 --part-mib
       25

   And fetch as wheels what the machine lacks. Where JAX and the scientific packages are
   there, that is `pip download --no-deps --python-version 3.12 --only-binary=:all: -d
   wheels keras namex optree`.

2. There, once for every part that is carried: `python benchmarks/gpu_session.py collect
   parts session`. With the last one the parts are put together, checked, and written as
   `fer2013.csv` and the weights. Wheels: `python -m pip install --no-index --no-deps
   --target site wheels/*.whl`.

3. There, as often as time allows:

       export PYTHONPATH=$PWD/site FERCOURSE_CODE=$COMMIT python
       benchmarks/gpu_session.py work session --out $OUT --minutes 9 --speed --train
       "--seed 1"

   measures the speed of training, then makes runs: those that `--train` names, or else
   the queue's for a GPU. What is not finished in time goes on with the next call on the
   same machine. Of every finished run it keeps what its model says of the training
   faces (for `--teachers`) and its attention maps of fixed faces, since the model stays
   behind. All that goes home lies in `--out`, in files of at most `--file-mib`.

4. At home: `python benchmarks/gpu_session.py unpack $OUT data` puts runs, maps and
answers in their places.

A rehearsal on a CPU, with two steps an epoch on drawn faces that have FER2013's form:

    python benchmarks/gpu_session.py rehearse rehearsal
"""

import argparse
import contextlib
import hashlib
import io
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
sys.path.insert(
    0, str(ROOT)
)  # a machine that is gone soon has the library here and not installed
SPLITS = ("Training", "PublicTest", "PrivateTest")
TILES = 128
"""Faces in a row of the contact sheet as which the images travel: PNG packs them as well as anything."""

STARTING, RESERVE = 30.0, 90.0
"""Seconds of `--minutes` for what comes before training, which is not told of it, and after it."""


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
    work_.add_argument("--minutes", type=float, required=True, help="for everything")
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
    """Write the parts, and beside them the digest of the whole."""
    from fercourse.data.fer2013.load import load_fer2013

    data = load_fer2013(options.data)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for usage, faces in zip(
            SPLITS, (data.train, data.validation, data.test), strict=True
        ):
            faces.require_labels("packing")
            archive.writestr(f"{usage}.png", _contact_sheet(faces.images))
            archive.writestr(f"{usage}.labels", bytes(faces.emotions))
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
    """Keep the parts that are here; when all are, write `fer2013.csv` and the weights."""
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
    beside = path.with_suffix(".part")
    with open(beside, "w", encoding="ascii", newline="\n") as file:
        file.write("emotion,pixels,Usage\n")
        for usage in SPLITS:
            emotions = archive.read(f"{usage}.labels")
            images = _faces_of(archive.read(f"{usage}.png"), len(emotions))
            for emotion, pixels in zip(
                emotions, images.reshape(-1, 48 * 48).tolist(), strict=True
            ):
                file.write(f"{emotion},{' '.join(map(str, pixels))},{usage}\n")
    beside.replace(path)


def work(options: argparse.Namespace) -> int:
    """Measure, train, keep and pack, within the minutes; returns 0 if all runs are made."""
    deadline = time.monotonic() + 60 * options.minutes
    options.out.mkdir(parents=True, exist_ok=True)
    session = options.session.resolve()
    environment = _environment(session)
    if options.speed is not None:
        speed = [
            str(ROOT / "benchmarks" / "train_speed.py"),
            "--json",
            str(options.out / "speed.json"),
        ]
        _call([*speed, *shlex.split(options.speed)], environment, deadline - RESERVE)
    places = ["--data", session / "fer2013.csv", "--results", session / "results"]
    places = [*map(str, places), "--checkpoints", str(session / "checkpoints")]
    statuses = []
    for words in options.train or ["--queue gpu"]:
        minutes = (deadline - RESERVE - STARTING - time.monotonic()) / 60
        if minutes <= 0.2:
            print(f"No time is left for {words}.", flush=True)
            statuses.append(1)
            continue
        command = [
            "-m",
            "fercourse",
            "train",
            *shlex.split(words),
            *places,
            "--minutes",
            f"{minutes:.2f}",
        ]
        statuses.append(_call(command, environment, deadline - RESERVE / 3))
    if list((session / "results").glob("*.json")):
        _call([__file__, "keep", str(session)], environment, deadline - 10)
    take_home(session, options.out, int(options.file_mib * 2**20))
    return max(statuses)


def _environment(session: Path) -> dict[str, str]:
    """Of every process: where the library lies, and a cache of what XLA compiled, which runs share."""
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
    found = {**usual, **os.environ}
    found["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])
    )
    return found


def _call(words: list[str], environment: dict[str, str], deadline: float) -> int:
    """Run Python with these words until the deadline at the latest; the exit status, 124 if it was ended."""
    print(f"\n$ python {shlex.join(words)}", flush=True)
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, *words], env=environment, cwd=ROOT
    ) as process:
        try:
            status = process.wait(max(deadline - started, 1))
        except subprocess.TimeoutExpired:
            process.send_signal(
                signal.SIGINT
            )  # which makes `train` write its checkpoint
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            status = 124
    print(f"({time.monotonic() - started:.0f} s, exit status {status})", flush=True)
    return status


def keep(options: argparse.Namespace) -> int:
    """Of every finished run: the model's answers to the training faces, and its maps of fixed faces."""
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
    for path in sorted((options.session / "results").glob("*.json")):
        name, maps = path.stem, options.session / "maps" / f"{path.stem}.npz"
        model_path = options.session / "checkpoints" / name / f"{name}.keras"
        if maps.exists() or not model_path.is_file():
            continue
        model = keras.models.load_model(model_path)
        folder = options.session / "teachers"
        keep_answers(
            name, model, data, results=options.session / "results", answers=folder
        )
        found = {
            f"{kind}_{layer}": values.astype("float16")
            for kind, images in looked_at.items()
            for layer, values in attention_maps(model, images).items()
        }
        maps.parent.mkdir(exist_ok=True)
        np.savez_compressed(maps, **found)
        print(f"{name}: answers and {len(found)} sets of maps are kept.", flush=True)
    return 0


def take_home(session: Path, out: Path, size: int) -> None:
    """Pack results, maps and answers into `home-NN.zip` files below `size` bytes; each is a whole archive."""
    for old in out.glob("home-*.zip"):
        old.unlink()
    number, filled, archive = 0, size, None
    for kind in ("results", "maps", "teachers"):
        for path in sorted((session / kind).glob("*")):
            if filled + path.stat().st_size > size:
                if archive is not None:
                    archive.close()
                archive, filled = (
                    zipfile.ZipFile(out / f"home-{number:02d}.zip", "w"),
                    0,
                )
                number += 1
            archive.write(path, f"{kind}/{path.name}")  # they are compressed already
            filled += path.stat().st_size + 4096
    if archive is not None:
        archive.close()
    print(f"\n{number} file(s) to take home.", flush=True)


def unpack(options: argparse.Namespace) -> int:
    """Put what came home into `data`: `results`, `teachers`, and the maps into `results/maps`."""
    places = {"results": "results", "maps": "results/maps", "teachers": "teachers"}
    count = 0
    for path in sorted(options.out.glob("home-*.zip")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                kind, file = name.split("/")
                target = options.data / places[kind] / Path(file).name
                target.parent.mkdir(parents=True, exist_ok=True)
                beside = target.with_name(f"{target.name}.part")
                beside.write_bytes(archive.read(name))
                beside.replace(target)
                count += 1
    print(f"{count} files are in {options.data.name}.")
    return 0


def rehearse(options: argparse.Namespace) -> int:
    """All steps one after the other with few drawn faces: two steps an epoch, and two calls of `work`."""
    folder, script = options.folder.resolve(), str(Path(__file__).resolve())
    folder.mkdir(parents=True, exist_ok=True)
    _drawn_csv(folder / "home" / "fer2013.csv")
    environment = _environment(folder / "session")
    small = "--size 48 --width 0.125 --weights none --batch-size 16"
    network = "--after block3_pool block4_pool block5_pool --combine residual --normalise-map --head pooled"
    short = "--epochs 3 --warmup-epochs 1 --head-epochs 1"
    best = f"{network} {small} --recipe best {short} --name"
    call = [
        script,
        "work",
        str(folder / "session"),
        "--out",
        str(folder / "out"),
        "--minutes",
    ]
    speed = "--steps 2 --rounds 1 --size 48 --width 0.125 --batch 16"
    steps = [
        [
            script,
            "pack",
            str(folder / "parts"),
            "--data",
            str(folder / "home"),
            "--part-mib",
            "0.05",
        ],
        [script, "collect", str(folder / "parts"), str(folder / "session")],
        [
            *call,
            "20",
            "--train",
            f"--recipe paper --epochs 2 {small}",
            "--speed",
            speed,
        ],
        [
            *call,
            "20",
            "--train",
            f"{best} teacher",
            "--train",
            f"{best} student --teachers teacher",
        ],
        [script, "unpack", str(folder / "out"), str(folder / "home" / "data")],
    ]
    for words in steps:
        if status := _call(words, environment, time.monotonic() + 3600):
            return status
    found = sorted(
        path.stem for path in (folder / "home" / "data" / "results").glob("*.json")
    )
    print(f"\nHome again: {', '.join(found)}.")
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
            file.write(
                f"{emotion},{' '.join(map(str, image.ravel().tolist()))},{usage}\n"
            )


if __name__ == "__main__":
    sys.exit(main())

"""The training step of `train_speed.py` in PyTorch; needs only torch and NumPy.

    python benchmarks/train_speed_torch.py FACES.npz '{"size": 224, "width": 1, …}'

`train_speed.py` calls it. The faces are bytes on the device, as they are in the course;
flips, turns and shifts are one `grid_sample` at 48 pixels, then the network
enlarges them. Channels last, bf16 by autocast, compiled, a fused Adam, cuDNN looking
for its fastest algorithms. The last line is JSON.
"""

import json
import math
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

BLOCKS = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))
MEANS = (103.939, 116.779, 123.68)


class Network(nn.Module):
    """The paper's network: VGG19, the map after block 5, dense layers, logits."""

    def __init__(self, size: int, width: float) -> None:
        super().__init__()
        self.size = size
        layers, channels = [], 3
        for convolutions, filters in BLOCKS:
            for _ in range(convolutions):
                layers += convolution(
                    channels, round(filters * width), normalise=width < 1
                )
                channels = round(filters * width)
            layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.attention = nn.Conv2d(2, 1, 7, padding=3)
        units = round(4096 * width)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(0.5),
            nn.Linear((channels + 1) * (size // 32) ** 2, units),
            nn.ReLU(inplace=True),
            nn.Linear(units, 7),
        )
        self.register_buffer("means", torch.tensor(MEANS).reshape(1, 3, 1, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """From float32 (batch, 1, 48, 48), grey 0–255, to logits (batch, 7)."""
        if self.size != 48:
            images = functional.interpolate(
                images, self.size, mode="bicubic", align_corners=False
            )
        x = images.expand(-1, 3, -1, -1) - self.means
        x = self.features(x.contiguous(memory_format=torch.channels_last))
        pooled = torch.cat(
            [x.mean(dim=1, keepdim=True), x.amax(dim=1, keepdim=True)], dim=1
        )
        return self.head(torch.cat([x, torch.sigmoid(self.attention(pooled))], dim=1))


def convolution(before: int, after: int, normalise: bool) -> list[nn.Module]:
    """A 3×3 convolution and what follows it."""
    layers: list[nn.Module] = [
        nn.Conv2d(before, after, 3, padding=1, bias=not normalise)
    ]
    if normalise:
        layers.append(nn.BatchNorm2d(after))
    return [*layers, nn.ReLU(inplace=True)]


def varied(images: torch.Tensor, rotation: float, shift: float) -> torch.Tensor:
    """Each face mirrored, turned and shifted at random; float32 (batch, 1, 48, 48)."""
    count, device = len(images), images.device
    amount = 2 * torch.rand(3, count, device=device) - 1
    angle = amount[0] * (rotation * math.pi / 180)
    mirror = torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cosine * mirror, -sine, 2 * shift * amount[1]], dim=-1),
        torch.stack([sine * mirror, cosine, 2 * shift * amount[2]], dim=-1),
    ]
    grid = functional.affine_grid(
        torch.stack(rows, dim=1), list(images.shape), align_corners=False
    )
    return functional.grid_sample(
        images, grid, padding_mode="border", align_corners=False
    )


def matrix_rate(side: int, device: torch.device, repeats: int = 10) -> float:
    """Operations a second of a bf16 product of square matrices, best of three."""
    a, b = (
        torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2)
    )
    a @ b
    seconds = []
    for _ in range(3):
        wait(device)
        started = time.perf_counter()
        for _ in range(repeats):
            a @ b
        wait(device)
        seconds.append((time.perf_counter() - started) / repeats)
    return 2 * side**3 / min(seconds)


def wait(device: torch.device) -> None:
    """Return when the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    """Measure the matrix product and the step."""
    settings = json.loads(sys.argv[2])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    with np.load(sys.argv[1]) as arrays:
        images = torch.from_numpy(arrays["images"]).to(device)
        emotions = torch.from_numpy(arrays["emotions"].astype("int64")).to(device)
    limit = matrix_rate(settings["matrix"], device)
    network = Network(settings["size"], settings["width"]).to(
        device, memory_format=torch.channels_last
    )
    fused = {"fused": True} if device.type == "cuda" else {}
    optimizer = torch.optim.Adam(network.parameters(), lr=settings["rate"], **fused)

    def loss_of(rows: torch.Tensor) -> torch.Tensor:
        faces = varied(
            images[rows].float()[:, None], settings["rotation"], settings["shift"]
        )
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits = network(faces)
        return functional.cross_entropy(logits.float(), emotions[rows])

    compiled = torch.compile(loss_of)
    batches = torch.arange(len(images), device=device).reshape(-1, settings["batch"])

    def one_round() -> None:
        for rows in batches:
            optimizer.zero_grad(set_to_none=True)
            loss = compiled(rows)
            loss.backward()
            optimizer.step()
        wait(device)
        if not math.isfinite(float(loss.detach())):
            raise SystemExit("the loss is not finite")

    seconds = []
    for _ in range(settings["rounds"] + 1):
        started = time.perf_counter()
        one_round()
        seconds.append(time.perf_counter() - started)
    found = {
        "version": torch.__version__,
        "limit": limit,
        "faces_per_second": len(images) / float(np.median(seconds[1:])),
        "first_call": seconds[0],
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()

"""Parts of facenet-pytorch without torchvision as a whole."""

from __future__ import annotations

import subprocess
import sys

ALONE = """
import sys
import numpy as np
from kiosk.inference.face.networks.facenet import inception_resnet, mtcnn
from tests.support import faces

ours, network = mtcnn(keep_all=True), inception_resnet()
kept = {name.partition(".")[0] for name in sys.modules}
assert not {"torchvision", "facenet_pytorch", "sympy"} & kept, kept

import facenet_pytorch, torchvision  # the whole of both, as ever
assert torchvision.models.resnet18 and torchvision.extension._has_ops()
theirs = facenet_pytorch.MTCNN(keep_all=True)
assert type(ours) is not type(theirs)
assert network.state_dict().keys() == facenet_pytorch.InceptionResnetV1().state_dict().keys()

# Where there are thousands of boxes, torchvision leaves out by another way.
portrait = faces.portrait()
many = np.random.default_rng(7).integers(0, 256, (480, 640, 3), dtype=np.uint8)
many[: portrait.shape[0], : portrait.shape[1]] = portrait[:480, :640]
counts = []
import facenet_pytorch.models.utils.detect_face as stages
kept_back = stages.batched_nms
stages.batched_nms = lambda boxes, *rest: counts.append(boxes.numel()) or kept_back(boxes, *rest)
for nets in (ours, theirs):
    nets.thresholds = [0.1, 0.2, 0.2]
for picture in (portrait, many):
    for a, b in zip(ours.detect(picture, landmarks=True), theirs.detect(picture, landmarks=True)):
        assert a.shape == b.shape and (a == b).all()
assert max(counts) > 4000, counts
print("the same")
"""


def test_the_networks_alone_answer_as_the_whole_package_does() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", ALONE], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (0, "the same\n"), run.stderr

"""Published networks whose embeddings a face network can learn from, by the kind of their file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from kiosk.core.errors import ModelError
from kiosk.inference.face.geometry.alignment import ARCFACE_112
from kiosk.inference.face.networks.edgeface import load_edgeface


class SFace(nn.Module):
    """(batch, 112, 112, 3) uint8 RGB ArcFace crops -> (batch, 128) of length one.

    Y. Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition" (IEEE
    TIP 2021), as the OpenCV Zoo publishes it (face_recognition_sface_2021dec.onnx, Apache-2.0); run
    by OpenCV, one face after the other.
    """

    dims = 128

    def __init__(self, net: cv2.dnn.Net) -> None:
        super().__init__()
        self._net = net

    def forward(self, crops: Tensor) -> Tensor:
        """Shapes: see the class."""
        rows = []
        for crop in crops.numpy():
            self._net.setInput(cv2.dnn.blobFromImage(np.ascontiguousarray(crop)))
            rows.append(self._net.forward().copy())
        return functional.normalize(torch.from_numpy(np.concatenate(rows)))


def load_teacher(path: Path) -> nn.Module:
    """EdgeFace out of torch's file, SFace out of one that ends in `.onnx`. Raises ModelError."""
    if path.suffix.lower() != ".onnx":
        return load_edgeface(path, torch.device("cpu"))
    remedy = "Give face_recognition_sface_2021dec.onnx of the OpenCV Zoo."
    if not path.is_file():
        raise ModelError(f"{path.name} does not exist.", remedy)
    try:
        teacher = SFace(cv2.dnn.readNetFromONNX(str(path)))
        size = ARCFACE_112.size
        said = teacher(torch.zeros(1, size, size, 3, dtype=torch.uint8))
    except cv2.error as problem:
        raise ModelError(f"{path.name} does not hold SFace.", remedy) from problem
    if said.shape != (1, SFace.dims):
        raise ModelError(f"{path.name} does not hold SFace.", remedy)
    return teacher

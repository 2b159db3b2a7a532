"""Is a composite too near to a real person? `python tools/demo_people/nearest.py --help`."""

from __future__ import annotations

import pickle
from pathlib import Path

import click
import numpy as np
import torch
from faces import Group
from measure import HERE, Faces
from people import PEOPLE
from portrait import Painter
from sources import Shape, Store

FIVE = (58, 59, 66, 79, 73)
"""Landmarks 86 -> eyes, nose, corners of the mouth. 66 lies under the nose's tip, alike for all."""


def five(points: Shape) -> Shape:
    """The five points of alignment; the nose's tip lies above its base."""
    out = points[list(FIVE)].copy()
    out[2, 1] -= 0.12 * np.linalg.norm(points[59] - points[58])
    return out


@click.command()
@click.option(
    "--cache", type=click.Path(path_type=Path), required=True, help="The folder given to the maker."
)
@click.option(
    "--edgeface",
    type=click.Path(path_type=Path),
    default=HERE.parents[2] / "shared/weights/edgeface_xs_q.pt",
    show_default="../shared/weights/edgeface_xs_q.pt",
)
def main(cache: Path, edgeface: Path) -> None:
    """Highest cosine of each demo face with the pictures mixed into it and with its group's."""
    torch.set_num_threads(2)
    nets = Faces(edgeface)
    made = pickle.loads((cache / "faces.pkl").read_bytes())  # noqa: S301 - our own file
    for person in PEOPLE:
        face = made[person.key]
        portrait = Painter(face, person.looks, sum(person.key.encode())).portrait()
        mine = np.clip(
            portrait.colour * portrait.alpha[..., None] + 180 * (1 - portrait.alpha[..., None]),
            0,
            255,
        )
        pool = [s for s in Store(cache).sources(person.recipe.group) if s.name in face.pool]
        group = sorted(pool, key=lambda source: source.name not in face.used)
        pictures = [(mine.astype(np.uint8)[..., ::-1], five(portrait.points))]
        pictures += [(np.ascontiguousarray(s.image[..., ::-1]), five(s.points)) for s in group]
        for model in nets.nets:
            rows = nets.embed(model, pictures)
            scores = rows[1:] @ rows[0]
            used = len(face.used)
            among = (rows[1:] @ rows[1:].T)[np.triu_indices(len(group), 1)]
            click.echo(
                f"{person.key:8} {model:12} mixed in ({used}): highest {scores[:used].max():.3f}, "
                f"all of its group ({len(group)}): highest {scores.max():.3f}; one pair in a "
                f"thousand of that group's people exceeds {np.quantile(among, 0.999):.3f}"
            )


assert Group  # the pickled faces need the module
if __name__ == "__main__":
    main()

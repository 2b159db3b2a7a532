"""Mixes several faces of each group and measures them, to choose seeds by: see --help."""

from __future__ import annotations

import pickle
from pathlib import Path

import click
import cv2
import numpy as np
import torch
from faces import Face, Group
from measure import HERE, Faces
from nearest import five
from people import PEOPLE
from sources import Store


def pictures(group: Group, made: list[Face]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Faces first, then their sources, ready for the networks."""
    mine = [(face.texture.clip(0, 255).astype(np.uint8), five(face.points)) for face in made]
    theirs = [(source.image, five(source.points)) for source in group.sources]
    return [(np.ascontiguousarray(image[..., ::-1]), points) for image, points in mine + theirs]


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
@click.option("--seeds", default=12, show_default=True)
@click.option("--mix", default=16, show_default=True)
@click.option("--exaggerate", default=1.5, show_default=True)
@click.option("--group", "names", multiple=True)
def main(
    cache: Path, edgeface: Path, seeds: int, mix: int, exaggerate: float, names: tuple[str, ...]
) -> None:
    """Print each seed's highest cosine with a source and its cosines with the others.

    The pictures go to GROUP.png in the cache.
    """
    torch.set_num_threads(2)
    nets = Faces(edgeface)
    for name in names or sorted({person.recipe.group for person in PEOPLE}):
        group = Group(Store(cache).sources(name))
        made = [group.compose(seed, mix, exaggerate) for seed in range(seeds)]
        cv2.imwrite(
            str(cache / f"{name}.png"),
            np.hstack([cv2.resize(f.texture[50:400, 60:356], (222, 262)) for f in made]),
        )
        (cache / f"{name}.candidates.pkl").write_bytes(pickle.dumps(made))
        for model in nets.nets:
            rows = nets.embed(model, pictures(group, made))
            mine, theirs = rows[:seeds], rows[seeds:]
            click.echo(
                f"{name} {model} nearest source "
                + " ".join(f"{v:.2f}" for v in (mine @ theirs.T).max(1))
            )
            for row in mine @ mine.T:
                click.echo("   " + " ".join(f"{v:.2f}" for v in row))


if __name__ == "__main__":
    main()

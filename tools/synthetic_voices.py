"""Makes weights/MODEL-synthetic.safetensors: voices of a synthesiser, which stand for nobody.

    python -m tools.synthetic_voices voice-campplus

A speaker network hears the machine before the talker: whatever voice a formant synthesiser is told
to use, all lie close together. As part of the cohort (`kiosk.core.cohort.Cohort`) they take that
closeness out of the scores, so that one synthetic voice is not taken for another. The voices that
the tests use are left out. Needs espeak-ng.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from safetensors.torch import save_file

from kiosk.core.media import Modality
from kiosk.core.pooling import pool
from kiosk.core.settings import Settings
from kiosk.enrolment.collector import Collector
from kiosk.inference.manifest import weights_folder
from kiosk.recognition.identification import Models
from kiosk.runtime import composition

SUFFIX = "-synthetic.safetensors"
KEPT_OUT = ("m1", "m2", "m3", "m4", "m5")
_TEXT = (
    "Good morning. I would like to open the door of the small meeting room on the second floor, "
    "because my colleagues are waiting there and the coffee is getting cold."
)
_VARIANT = "!v/"


def _program() -> str:
    found = shutil.which("espeak-ng")
    if found is None:
        raise SystemExit("espeak-ng is not installed; Debian's package has that name.")
    return found


def variants() -> list[str]:
    """The synthesiser's own voices, by the names of their files."""
    told = subprocess.run(
        [_program(), "--voices=variant"], capture_output=True, text=True, check=True
    ).stdout
    names = {line.split(_VARIANT)[1].strip() for line in told.splitlines() if _VARIANT in line}
    return sorted(names - set(KEPT_OUT))


def voice(models: Models, name: str, folder: Path) -> np.ndarray | None:
    """The embedding of one voice, (dims,); None where it cannot be understood as speech."""
    file = folder / "voice.wav"
    subprocess.run([_program(), "-v", f"en+{name}", "-w", str(file), _TEXT], check=True)
    collector = Collector(models)
    collector.read(composition.open_source(Settings(), str(file)))
    heard = collector.collected.voices
    return pool(heard, Modality.VOICE, models.voice.model_id).vector if heard else None


def main(name: str) -> int:
    """Writes the file beside the weights of the voice recogniser of that name."""
    models = composition.build_models(Settings(voice_model=name))
    with TemporaryDirectory() as folder:
        found = [voice(models, name, Path(folder)) for name in variants()]
    vectors = np.stack([vector for vector in found if vector is not None])
    file = weights_folder() / f"{name}{SUFFIX}"
    save_file({"cohort": torch.from_numpy(vectors).half()}, file)
    sys.stdout.write(f"{len(vectors)} voices of {len(found)} are in {file.name}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

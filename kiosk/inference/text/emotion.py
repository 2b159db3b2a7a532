"""The project's own network for the emotion of a sentence, and the `TextEmotion` port over it.

Two readings of the same words are added. One weighs every part of a word by itself, as a linear
model of n-grams does; it learns most from few sentences. The other turns each word into a vector,
reads them in order both ways (a gated recurrent unit; Cho et al. 2014, arXiv:1406.1078) and gathers
what it read by attention, by its largest values and by its mean. Korean and English share all of it
but the last layer; a sentence of both takes from both by the share of its words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from kiosk.core.attribute_fusion import wanted
from kiosk.core.errors import SettingsError
from kiosk.core.estimates import AttributeEstimate, Channel, Emotion, EmotionEstimate, is_sure
from kiosk.core.media import Matrix
from kiosk.core.settings import Settings
from kiosk.inference.checkpoint import load_checkpoint, save_checkpoint
from kiosk.inference.devices import one_thread
from kiosk.inference.manifest import find_entry, locate
from kiosk.inference.text.language import FILTER_BYTES, is_read
from kiosk.inference.text.negation import affirmed
from kiosk.inference.text.units import is_wordy, korean_share, pair_of, parts_of, words_of

NETWORK = "kiosk-text-emotion"
NAME = "text-emotion"
EMOTIONS = tuple(Emotion)
LONGEST = 64
"""Words read at once; a longer text is read in pieces of this length, whose answers are averaged
by their words."""
MOST_WORDS = 4096
"""What comes later in a text is not read."""
_FEW_LETTERS = 20 * MOST_WORDS
_NEVER = -1e4


@dataclass(frozen=True)
class TextReadout:
    """From logits to probabilities, fitted on held-out sentences: one temperature and one least
    probability of a sure answer for each language."""

    english_temperature: float = 1.0
    korean_temperature: float = 1.0
    english_sure: float = 0.5
    korean_sure: float = 0.5

    def temperature(self, korean: Tensor) -> Tensor:
        """By the share of Korean words, of any shape."""
        return self.english_temperature * (1 - korean) + self.korean_temperature * korean

    def sure(self, korean: float) -> float:
        """Likewise the least probability of a sure answer."""
        return self.english_sure * (1 - korean) + self.korean_sure * korean


@dataclass(frozen=True)
class TextEmotionConfig:
    """Sizes of the network; stored beside the weights."""

    buckets: int = 65_536
    """Numbers the parts of words are hashed to."""
    width: int = 16
    """Of a word's vector."""
    hidden: int = 96
    heads: int = 4
    """Of attention."""
    readout: TextReadout = field(default_factory=TextReadout)

    @property
    def pooled(self) -> int:
        """Width of what is known of a sentence."""
        return 2 * self.hidden + self.width


@dataclass(frozen=True, eq=False)
class Spelt:
    """A piece of text as numbers: `parts` (n,) below `buckets` with the `weight` (n,) of each,
    `first` (words,) where each word's parts begin, and the share of Korean words."""

    parts: NDArray[np.int64]
    weight: NDArray[np.float32]
    first: NDArray[np.int64]
    korean: float


def spell(words: Sequence[str], buckets: int) -> Spelt:
    """A word counts as itself, as its parts (together no more than their square root) and together
    with the next word."""
    parts: list[int] = []
    weight: list[float] = []
    first: list[int] = []
    for place, word in enumerate(words):
        first.append(len(parts))
        own = parts_of(word, buckets)
        parts += own
        weight += [1.0] + [(len(own) - 1) ** -0.5] * (len(own) - 1) if len(own) > 1 else [1.0]
        if place + 1 < len(words):
            parts.append(pair_of(word, words[place + 1], buckets))
            weight.append(1.0)
    return Spelt(
        np.array(parts, np.int64),
        np.array(weight, np.float32),
        np.array(first, np.int64),
        korean_share(list(words)),
    )


@dataclass(frozen=True, eq=False)
class TextBatch:
    """Several `Spelt` as one: `parts` and `weight` (n,), `first` (all words,), `there` (batch,
    longest) which places hold words, `korean` (batch, 1)."""

    parts: Tensor
    weight: Tensor
    first: Tensor
    there: Tensor
    korean: Tensor


def batch_of(pieces: Sequence[Spelt]) -> TextBatch:
    """Pieces of at least one word each."""
    begins = np.cumsum([0] + [len(piece.parts) for piece in pieces])
    first = [p.first + begin for p, begin in zip(pieces, begins, strict=False)]
    lengths = torch.tensor([len(piece.first) for piece in pieces])
    return TextBatch(
        torch.from_numpy(np.concatenate([piece.parts for piece in pieces])),
        torch.from_numpy(np.concatenate([piece.weight for piece in pieces])),
        torch.from_numpy(np.concatenate(first)),
        torch.arange(int(lengths.max()))[None] < lengths[:, None],
        torch.tensor([[piece.korean] for piece in pieces]),
    )


class TextEmotionNet(nn.Module):
    """`TextBatch` to what is known of each sentence, and from there to logits of emotions. `known`
    are the English words it has learnt from (see `language`)."""

    known: Tensor

    def __init__(self, config: TextEmotionConfig) -> None:
        super().__init__()
        self.register_buffer("known", torch.full((FILTER_BYTES,), 255, dtype=torch.uint8))
        self.config = config
        kinds = len(EMOTIONS)
        self.linear = nn.EmbeddingBag(config.buckets, kinds, mode="sum")
        self.vectors = nn.EmbeddingBag(config.buckets, config.width, mode="sum")
        self.reader = nn.GRU(config.width, config.hidden // 2, batch_first=True, bidirectional=True)
        self.attend = nn.Linear(config.hidden, config.heads)
        self.english = nn.Linear(config.pooled, kinds)
        self.korean = nn.Linear(config.pooled, kinds)
        nn.init.zeros_(self.linear.weight)
        nn.init.normal_(self.vectors.weight, std=0.1)

    def words(self, batch: TextBatch, table: nn.EmbeddingBag) -> Tensor:
        """One vector of a table for each word: (all words, width of the table)."""
        found: Tensor = table(batch.parts, batch.first, per_sample_weights=batch.weight)
        return found

    def gather(self, vectors: Tensor, there: Tensor) -> Tensor:
        """Words' vectors (batch, longest, width), zero where no word is, to (batch, pooled)."""
        # packed, or reading backwards would begin in the empty places of shorter sentences
        packed = pack_padded_sequence(vectors, there.sum(1), True, enforce_sorted=False)
        read, _ = pad_packed_sequence(self.reader(packed)[0], True, total_length=there.shape[1])
        some = there[..., None]
        share = self.attend(read).masked_fill(~some, _NEVER).softmax(1)
        parts = read.view(*there.shape, self.config.heads, -1) * share[..., None]
        largest = read.masked_fill(~some, _NEVER).amax(1)
        return torch.cat((parts.sum(1).flatten(1), largest, _evened(vectors, there)), 1)

    def judge(self, pooled: Tensor, linear: Tensor, batch: TextBatch) -> Tensor:
        """Logits (batch, 7) of both readings; `linear` (batch, longest, 7)."""
        english, korean = self.english(pooled), self.korean(pooled)
        languages: Tensor = english * (1 - batch.korean) + korean * batch.korean
        return languages + _evened(linear, batch.there)

    def forward(self, batch: TextBatch) -> Tensor:
        """Logits (batch, 7)."""
        vectors = placed(self.words(batch, self.vectors), batch.there)
        linear = placed(self.words(batch, self.linear), batch.there)
        return self.judge(self.gather(vectors, batch.there), linear, batch)


def placed(words: Tensor, there: Tensor) -> Tensor:
    """Rows of all words (all words, n) in their places (batch, longest, n)."""
    out = words.new_zeros(*there.shape, words.shape[-1])
    out[there] = words
    return out


def _evened(words: Tensor, there: Tensor) -> Tensor:
    """The sum over words by the square root of their number, so that length counts little."""
    evened: Tensor = words.sum(1) / there.sum(1, keepdim=True).clamp_min(1).sqrt()
    return evened


class NetTextEmotion:
    """The network as a `TextEmotion`."""

    def __init__(self, net: TextEmotionNet) -> None:
        self._net = net.eval()

    def estimate(self, text: str) -> AttributeEstimate:
        """Channel TEXT. Without a word of Latin letters or Hangul and without an emoji there is
        nothing to go by, and what is neither Korean nor English is not guessed at: `emotion` is
        None."""
        start = text[:_FEW_LETTERS]
        words = words_of(start)[:MOST_WORDS]
        if not any(map(is_wordy, words)) or not is_read(start, self._net.known.numpy()):
            return AttributeEstimate(Channel.TEXT)
        chances = self.probabilities(words)
        enough = self._net.config.readout.sure(korean_share(words))
        sure = is_sure(chances.tolist(), enough) and not self._overlooks_denial(words, chances)
        emotion = EmotionEstimate(tuple(map(float, chances)), sure)
        return AttributeEstimate(Channel.TEXT, emotion)

    def _overlooks_denial(self, words: list[str], chances: NDArray[np.float64]) -> bool:
        """Whether a feeling is told of a text that denies something, and would be without that."""
        told, left = EMOTIONS[int(chances.argmax())], affirmed(words)
        if told is Emotion.NEUTRAL or len(left) == len(words) or not any(map(is_wordy, left)):
            return False
        return EMOTIONS[int(self.probabilities(left).argmax())] is told

    def probabilities(self, words: list[str]) -> NDArray[np.float64]:
        """(7,) of at least one word."""
        pieces = self._pieces(words)
        with torch.inference_mode(), one_thread():
            batch = batch_of(pieces)
            logits = self._net(batch) / self._net.config.readout.temperature(batch.korean)
            chances = logits.double().softmax(1).numpy()
        found = np.average(chances, axis=0, weights=[len(piece.first) for piece in pieces])
        return np.asarray(found / found.sum(), dtype=np.float64)

    def features(self, text: str) -> Matrix:
        """What is known of a text before it is judged, (pieces of LONGEST words, k); no row
        without words."""
        words = words_of(text[:_FEW_LETTERS])[:MOST_WORDS]
        if not words:
            return np.zeros((0, self._net.config.pooled), np.float32)
        with torch.inference_mode(), one_thread():
            batch = batch_of(self._pieces(words))
            vectors = placed(self._net.words(batch, self._net.vectors), batch.there)
            pooled = self._net.gather(vectors, batch.there)
        return np.asarray(pooled.numpy(), dtype=np.float32)

    def _pieces(self, words: list[str]) -> list[Spelt]:
        starts = range(0, len(words), LONGEST)
        return [spell(words[at : at + LONGEST], self._net.config.buckets) for at in starts]


def save_text_emotion(net: TextEmotionNet) -> bytes:
    """The file's bytes; the readout is part of the config."""
    return save_checkpoint(net.state_dict(), network=NETWORK, config=net.config)


def load_text_net(path: Path) -> TextEmotionNet:
    """The network in `path`, in float32. Raises ModelError."""
    file = load_checkpoint(path, network=NETWORK, config_class=TextEmotionConfig)
    return file.build(TextEmotionNet)


def load_text_emotion(settings: Settings) -> NetTextEmotion:
    """The shipped network behind the port. Raises ModelError, and SettingsError where the settings
    or the profile do not want emotion."""
    if not wanted(settings).emotion:
        raise SettingsError(
            f"emotion is not estimated: it is {settings.emotion!r}, the profile "
            f"{settings.profile!r}.",
            "Do without the emotion of a text.",
        )
    return NetTextEmotion(load_text_net(locate(find_entry(NAME), settings)))

"""What the service counts for Prometheus: requests, decisions, times; nothing of a person.

A label is the pattern of an address (`/v1/subjects/{subject_id}`), never the address itself.
"""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from kiosk import __version__
from kiosk.core.decisions import DecisionOutcome
from kiosk.runtime.metrics import RuntimeMetrics

BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


class Counters:
    """Thread-safe, as prometheus_client is."""

    def __init__(self, steps: RuntimeMetrics) -> None:
        self._registry = CollectorRegistry()
        self._steps = steps
        ProcessCollector(registry=self._registry)
        Gauge("kiosk_info", "Version.", ["version"], registry=self._registry).labels(
            __version__
        ).set(1)
        self._requests = Counter(
            "kiosk_http_requests",
            "Requests by pattern of address, method and status.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "kiosk_http_request_seconds",
            "Seconds from the first byte of a request to the last of its answer.",
            ["route"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._decisions = Counter(
            "kiosk_decisions",
            "Final decisions of this service by outcome.",
            ["outcome"],
            registry=self._registry,
        )
        for outcome in DecisionOutcome:
            self._decisions.labels(outcome.value)
        self._step_count = Gauge(
            "kiosk_step_runs", "How often a step ran.", ["step"], registry=self._registry
        )
        self._step_seconds = Gauge(
            "kiosk_step_seconds",
            "Seconds of a step: median and 95th percentile of the last runs.",
            ["step", "quantile"],
            registry=self._registry,
        )

    def watch(self, name: str, what: str, value: Callable[[], float]) -> None:
        """A number that is asked for when somebody reads."""
        Gauge(name, what, registry=self._registry).set_function(value)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request is over."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def decided(self, outcome: DecisionOutcome) -> None:
        """A final decision was made."""
        self._decisions.labels(outcome.value).inc()

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        for name, times in self._steps.pulse().stages.items():
            self._step_count.labels(name).set(times.count)
            self._step_seconds.labels(name, "0.5").set(times.p50)
            self._step_seconds.labels(name, "0.95").set(times.p95)
        return generate_latest(self._registry)

"""Recipes that make weights, one readable file each, on one shared training loop."""

from kiosk.core.threads import wait_without_spinning

wait_without_spinning()

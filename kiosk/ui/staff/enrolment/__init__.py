"""Enrolment by staff."""

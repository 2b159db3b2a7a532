"""What is compared with what: verification, identification, visits, chimeric users."""

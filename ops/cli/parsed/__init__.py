"""What `triage parse` shows of a file: a page for people, a JSON object for programs."""

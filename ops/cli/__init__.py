"""The `triage` command: one file per subcommand; the folders hold what a subcommand is made of."""

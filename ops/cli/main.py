"""The `triage` command."""


def main() -> None:
    """Run the command."""

"""`python -m ops.simulator`: the same as `triage simulator`."""

import argparse

from ops.simulator import command

parser = argparse.ArgumentParser(prog="triage simulator", description="A stand-in for Anthropic's Messages API.")
command.add_arguments(parser)
raise SystemExit(command.run(parser.parse_args()))

"""The `ticketcli` command."""

import gc

# Nothing that start-up allocates becomes garbage: collecting it is a fifth of a short command.
gc.disable()


def run() -> None:
    """Run the command line of this process and leave with its exit code."""
    from .cli import main
    from .world import World

    raise SystemExit(main(None, World.of_process()))


if __name__ == "__main__":
    run()

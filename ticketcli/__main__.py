"""The `ticketcli` command."""

import gc
import os

# Nothing that start-up allocates becomes garbage: collecting it is a tenth of a short command.
gc.disable()


def run() -> None:
    """Run the command line of this process and leave with its exit code."""
    from ticketcli import lazy_modules

    lazy_modules.defer()
    from ticketcli.cli.main import main
    from ticketcli.cli.world import World

    # Everything is flushed and closed by then: taking the interpreter apart, module by module,
    # would be a sixth of a short command.
    os._exit(main(None, World.of_process()))


if __name__ == "__main__":
    run()

"""A pooler (pgbouncer), which keeps sessions of a server for those who come and go."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from cluster import as_user
from engines import temporary_root

_PATH = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"


class Pooler:
    """pgbouncer in front of all databases of a server. It gives all transactions of the account
    `postgres` one session of a database, and listens on a Unix socket in `folder`.
    """

    def __init__(self, server: str) -> None:
        # Not in pytest's folder: the path of a socket can have only about 100 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="ticketcli-", dir=temporary_root()))
        users, settings = self.folder / "users.txt", self.folder / "pgbouncer.ini"
        users.write_text('"postgres" ""\n')
        settings.write_text(
            f"""[databases]
            * = host={server}
            [pgbouncer]
            listen_addr =
            listen_port = 5432
            unix_socket_dir = {self.folder}
            auth_type = trust
            auth_file = {users}
            pool_mode = transaction
            default_pool_size = 1
            """
        )
        account = as_user()
        if account:
            shutil.chown(self.folder, account["user"], account["group"])
        self._process = subprocess.Popen(
            ["pgbouncer", "-q", str(settings)],
            env={"PATH": _PATH},
            stderr=subprocess.DEVNULL,
            # It refuses root, and the server lets nobody else into its folder.
            **account,
        )
        self._wait()

    def _wait(self) -> None:
        """Wait until it answers."""
        for _attempt in range(3000):
            try:
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(str(self.folder / ".s.PGSQL.5432"))
            except (FileNotFoundError, ConnectionRefusedError):
                time.sleep(0.01)
            else:
                return
        raise TimeoutError("pgbouncer does not listen")

    def stop(self) -> None:
        """End it and remove its folder."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

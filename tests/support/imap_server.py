"""A real IMAP server for one mailbox: dovecot, on loopback, in a temporary folder."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import trustme

USER, PASSWORD, ACCENTED = "desk", "s3cret", "sécret-à-moi"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_failure_delay = 0
{users}
first_valid_uid = 1
mail_location = maildir:{folder}/mail
mail_uid = {user}
mail_gid = {group}
mailbox_list_index = no
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  # Without it no wrong password makes the next login wait, 15 seconds in the end.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
passdb {{
  driver = static
  args = password={accented}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
"""


MINE = """
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
"""


class ImapServer:
    """The server and its mailbox; it ends with `stop`."""

    def __init__(self) -> None:
        program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "the tests need dovecot: .ci/deps installs it"
        # Not in the test runner's folder: the path of a socket has about a hundred bytes at most.
        self.folder = Path(tempfile.mkdtemp(prefix="ticketcli-"))
        self.port, self.tls_port = _free_port(), _free_port()
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        self.authority = self.folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        certificate.private_key_pem.write_to_path(str(self.folder / "server.key"))
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(str(self.folder / "server.pem"), append=True)
        for name in ("cur", "new", "tmp"):
            (self.folder / "mail" / name).mkdir(parents=True)
        self._owner = _owner()
        self._give(self.folder, *self.folder.rglob("*"))
        group = grp.getgrgid(self._owner.pw_gid).gr_name
        text = CONFIGURATION.format(
            folder=self.folder,
            user=self._owner.pw_name,
            group=group,
            # As root it has users of its own, as anybody else only us.
            users="" if os.getuid() == 0 else MINE.format(user=self._owner.pw_name, group=group),
            port=self.port,
            tls_port=self.tls_port,
            password=PASSWORD,
            accented=ACCENTED,
        )
        (self.folder / "dovecot.conf").write_text(text)
        self._process = subprocess.Popen(
            [program, "-F", "-c", str(self.folder / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        self._count = 0

    def _wait(self) -> None:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        log = self.folder / "log"
        said = log.read_text() if log.exists() else ""
        raise AssertionError(f"dovecot: {said}")

    def deliver(self, content: bytes) -> None:
        """Put a message into the mailbox, unread."""
        # Never one name twice: the server remembers what it was.
        self._count += 1
        path = self.folder / "mail" / "new" / f"{self._count}.test"
        path.write_bytes(content)
        self._give(path)

    def _give(self, *paths: Path) -> None:
        """Let the mailbox's owner have what we have made."""
        for path in paths:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def read(self) -> int:
        """How many messages are marked as read."""
        flags = [path.name.rpartition(",")[2] for path in (self.folder / "mail" / "cur").iterdir()]
        return sum("S" in each for each in flags)

    def empty(self) -> None:
        """Take all messages away."""
        for name in ("cur", "new"):
            for path in (self.folder / "mail" / name).iterdir():
                path.unlink()

    def stop(self) -> None:
        """End the server, and remove its folder."""
        self._process.terminate()
        self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _owner() -> pwd.struct_passwd:
    """Whose mailbox it is: ours; as root, for whom dovecot opens none, that of `nobody`."""
    return pwd.getpwuid(os.getuid()) if os.getuid() else pwd.getpwnam("nobody")

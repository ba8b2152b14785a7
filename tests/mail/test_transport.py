"""The way to the mail server: encrypted, verified, logged in; or a local command."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from mail_server import ADDRESS, MailServer
from program import Program

PASSWORD = "très@cret"
LOGIN = ("support", PASSWORD)

Serve = Callable[..., MailServer]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def serve(
    book: Program, authority: trustme.CA, tmp_path: Path
) -> Iterator[Callable[..., MailServer]]:
    """Starts a server that has a certificate of an authority that the program trusts."""
    running = []
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    def start(security: str, *, name: str = ADDRESS, **options: Any) -> MailServer:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = tmp_path / "server.pem"
        authority.issue_cert(name).private_key_and_cert_chain_pem.write_to_path(certificate)
        context.load_cert_chain(certificate)
        server = MailServer(security=security, context=context, **options)
        server.start()
        running.append(server)
        book.env.update(server.env, SSL_CERT_FILE=str(tmp_path / "ca.pem"))
        return server

    yield start
    for server in running:
        server.stop()


def trial(program: Program, **env: str) -> tuple[int, list[tuple[str, str]], str]:
    """What `mail test` says, and with which exit code and error."""
    code, out, err = program.run("mail", "test", "zoe@example.com", "-o", "tsv", env=env)
    rows = [line.split("\t") for line in out.splitlines()[1:]]
    return code, [(side, text) for side, text in rows], err


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_login_over_tls(book: Program, serve: Serve, security: str, mechanism: str) -> None:
    server = serve(security, login=LOGIN, mechanism=mechanism)
    password = {"TICKETCLI_SMTP_USER": "support", "TICKETCLI_SMTP_PASSWORD": PASSWORD}
    code, said, err = trial(book, **password)
    assert (code, err) == (0, "")
    [message] = server.messages
    assert message["To"] == "zoe@example.com"
    assert ("client", f"AUTH {mechanism} ***") in said
    assert ("server", "235 2.7.0 Authentication successful") in said
    assert any(side == "client" and text.startswith("(TLSv1.") for side, text in said)
    assert (("client", "STARTTLS") in said) is (security == "starttls")
    assert said[-1] == ("server", "221 Bye")
    shown = str(said)
    for secret in (PASSWORD, "dHLDqHNAY3JldA", "support"):
        assert secret not in shown.replace("support@example.com", "")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_is_not_trusted(
    book: Program, serve: Serve, security: str, tmp_path: Path
) -> None:
    server = serve(security)
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    code, _, err = trial(book, SSL_CERT_FILE=str(tmp_path / "other.pem"))
    assert code == 75
    assert "certificate: unable to get local issuer certificate" in err
    assert server.messages == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_another_server(book: Program, serve: Serve, security: str) -> None:
    server = serve(security, name="elsewhere.example")
    code, _, err = trial(book)
    assert code == 75
    assert f"certificate: IP address mismatch, certificate is not valid for '{ADDRESS}'" in err
    assert server.messages == []


def test_a_server_without_encryption(book: Program, serve: Serve) -> None:
    server = serve("none")
    code, said, err = trial(book, TICKETCLI_SMTP_SECURITY="starttls")
    assert code == 75
    assert "STARTTLS extension not supported by server" in err
    assert not any(text.startswith("AUTH") for _, text in said)
    assert trial(book)[0] == 0
    assert len(server.messages) == 1


def test_the_wrong_password(book: Program, serve: Serve) -> None:
    server = serve("starttls", login=LOGIN)
    code, _, err = trial(book, TICKETCLI_SMTP_USER="support", TICKETCLI_SMTP_PASSWORD="wr0ng")
    assert code == 75
    assert "535 5.7.8 Authentication credentials invalid" in err
    assert "wr0ng" not in err
    code, _, err = trial(book)
    assert code == 75
    assert "530 5.7.0 Authentication required" in err
    assert server.messages == []


def test_what_the_server_takes_from_nobody_waits(book: Program, serve: Serve) -> None:
    serve("starttls", login=LOGIN)
    book("user", "edit", "zoe", "--email", "zoe@example.com")
    code, out, err = book.run("new", "Essai", "--to", "zoe", "--notify")
    assert (code, out) == (0, "1\n")
    assert "the mail waits, it will be sent later: 530 5.7.0 Authentication required" in err
    assert book.json("mail", "status")[0]["state"] == "waiting"


def test_no_password(book: Program, serve: Serve) -> None:
    serve("starttls", login=LOGIN)
    keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    code, _, err = trial(book, TICKETCLI_SMTP_USER="support", **keyring)
    assert code == 75
    assert (
        "no password for smtp: TICKETCLI_SMTP_PASSWORD, $CREDENTIALS_DIRECTORY/smtp"
        " or ticketcli secret set smtp\n"
    ) in err


def test_no_password_goes_in_the_clear(book: Program, serve: Serve) -> None:
    serve("none")
    env = {"TICKETCLI_SMTP_USER": "support", "TICKETCLI_SMTP_PASSWORD": PASSWORD}
    # The same server, by a name that could be another's.
    code, said, err = trial(book, **env, TICKETCLI_SMTP_HOST="127.1")
    assert code == 75
    assert not any(text.startswith("AUTH") for _, text in said)
    assert "a password goes to no server in the clear: smtp.security" in err


def test_test_says_what_the_server_refuses(book: Program, serve: Serve) -> None:
    server = serve("starttls")
    server.handler.refused = {"zoe@example.com": "550 5.1.1 nobody here"}
    code, said, err = trial(book)
    assert code == 4
    assert ("server", "550 5.1.1 nobody here") in said
    assert err == "ticketcli: the mail was refused: 550 5.1.1 nobody here\n"
    assert book("mail", "test", "nobody").code == 2


# A local command


SENDMAIL = """#!/bin/sh
printf '%s|' "$@" >> "$HOME/arguments"
cat > "$HOME/message"
echo accepted
exit ${EXIT:-0}
"""


@pytest.fixture
def sendmail(book: Program) -> Program:
    script = book.home / "send mail"
    script.write_text(SENDMAIL)
    script.chmod(0o755)
    book.env.update(
        TICKETCLI_MAIL_TRANSPORT="sendmail",
        TICKETCLI_MAIL_SENDMAIL=f"'{script}' -x",
        TICKETCLI_MAIL_FROM="Support <support@example.com>",
    )
    book("user", "edit", "zoe", "--email", "zoe@bücher.example")
    return book


def notify(program: Program, **env: str) -> tuple[int, str, str]:
    return program.run("new", "Été", "--to", "zoe", "--notify", env=env)


def test_sendmail(sendmail: Program) -> None:
    assert notify(sendmail) == (0, "1\n", "")
    arguments = (sendmail.home / "arguments").read_text()
    assert arguments == "-x|-i|-f|support@example.com|--|zoe@xn--bcher-kva.example|"
    message = (sendmail.home / "message").read_bytes()
    assert b"\r" not in message
    assert message.startswith(b"From: Support <support@example.com>\n")
    assert sendmail.json("mail", "status", "--all")[0]["state"] == "sent"


@pytest.mark.parametrize(
    ("exit_code", "state"), [(75, "waiting"), (1, "waiting"), (67, "failed"), (65, "failed")]
)
def test_sendmail_that_fails(sendmail: Program, exit_code: int, state: str) -> None:
    code, out, err = notify(sendmail, EXIT=str(exit_code))
    assert (code, out) == (0, "1\n")
    assert f"{exit_code} accepted\n" in err
    assert sendmail.json("mail", "status")[0]["state"] == state


def test_sendmail_that_is_not_there(sendmail: Program) -> None:
    code, out, err = notify(sendmail, TICKETCLI_MAIL_SENDMAIL="/nowhere/sendmail")
    assert (code, out) == (0, "1\n")
    assert err == (
        "ticketcli: warning: the mail waits, it will be sent later:"
        " /nowhere/sendmail: No such file or directory\n"
    )


def test_sendmail_that_is_no_command(sendmail: Program) -> None:
    message = """ticketcli: mail.sendmail: "/bin/mail 'x" has a quote without its end\n"""
    assert sendmail("config", "set", "mail.sendmail", "/bin/mail 'x") == (2, "", message)
    code, out, err = notify(sendmail, TICKETCLI_MAIL_SENDMAIL="/bin/mail 'x")
    assert (code, out) == (2, "")
    assert err == message.replace("mail.sendmail", "TICKETCLI_MAIL_SENDMAIL")


def test_sendmail_that_hangs(sendmail: Program) -> None:
    (sendmail.home / "send mail").write_text("#!/bin/sh\nexec sleep 60\n")
    code, out, err = notify(sendmail, TICKETCLI_MAIL_TIMEOUT="0.2")
    assert (code, out) == (0, "1\n")
    assert "no answer within 0.2 s" in err

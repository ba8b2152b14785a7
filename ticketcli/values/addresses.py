"""Mail addresses and host names, in the form that mail servers understand."""

from contextlib import suppress


def ascii_address(address: str) -> str:
    """A mail address, or a domain alone, in ASCII: `a@bücher.example` becomes
    `a@xn--bcher-kva.example`.

    Raises ValueError if it has no ASCII form.
    """
    # The codec is slow to load, and most domains do not need it.
    if address.isascii():
        return address
    local, at, domain = address.rpartition("@")
    local.encode("ascii")
    return f"{local}{at}{domain.encode('idna').decode()}"


def spellings(address: str) -> set[str]:
    """All spellings of one mail address, in lower case: with the domain as typed, in Unicode and
    in ASCII.
    """
    local, at, domain = address.lower().rpartition("@")
    domains = {domain}
    with suppress(ValueError):
        in_ascii = domain.encode("idna")
        domains |= {in_ascii.decode(), in_ascii.decode("idna")}
    return {f"{local}{at}{each}" for each in domains}


def split_sender(sender: str) -> tuple[str, str]:
    """The name and the address of a sender such as `Durand, Support <support@example.com>`.

    The name may be empty, and may hold any characters.
    """
    name, bracket, address = sender.rpartition("<")
    if not bracket:
        return "", sender
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return name, address.removesuffix(">").strip()

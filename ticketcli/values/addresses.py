"""Mail addresses and names of machines, as they go over the wire."""

from contextlib import suppress


def ascii_address(address: str) -> str:
    """The address, or the domain alone, in ASCII: `a@bücher.example` is `a@xn--bcher-kva.example`.

    Raises ValueError for one that has no such form.
    """
    # The codec takes a while to load, and most domains need none.
    if address.isascii():
        return address
    local, at, domain = address.rpartition("@")
    local.encode("ascii")
    return f"{local}{at}{domain.encode('idna').decode()}"


def spellings(address: str) -> set[str]:
    """The address in lower case, with its domain in letters and in ASCII: they are the same."""
    local, at, domain = address.lower().rpartition("@")
    domains = {domain}
    with suppress(ValueError):
        in_ascii = domain.encode("idna")
        domains |= {in_ascii.decode(), in_ascii.decode("idna")}
    return {f"{local}{at}{each}" for each in domains}


def split_sender(sender: str) -> tuple[str, str]:
    """The name, which may be empty and may hold anything, and the address of a sender:
    `Durand, Support <support@example.com>`.
    """
    name, bracket, address = sender.rpartition("<")
    if not bracket:
        return "", sender
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return name, address.removesuffix(">").strip()

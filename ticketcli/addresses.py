"""Mail addresses and names of machines, as they go over the wire."""


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


def parted(sender: str) -> tuple[str, str]:
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

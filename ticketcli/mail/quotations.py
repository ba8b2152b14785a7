"""Separate the text of a message from the earlier messages that it quotes."""

import re

_QUOTING = re.compile(r"^>|[:>]\s*$|^-{2,}|^_{5,}|^From:|^De\s?:", re.MULTILINE)
# Longer texts are not searched: the time grows faster than the length of the text.
_SEARCHED = 50_000


def cut(text: str) -> tuple[str, str]:
    """The message's own text, and the text that it quotes, which may be empty."""
    if len(text) > _SEARCHED or not _QUOTING.search(text):
        return text, ""
    from mailparser_reply import EmailReplyParser

    reply = (EmailReplyParser(languages=["en", "fr"]).parse_reply(text=text) or "").strip()
    if not reply or not text.lstrip().startswith(reply):
        return text, ""
    return reply, text.lstrip()[len(reply) :].strip("\n")

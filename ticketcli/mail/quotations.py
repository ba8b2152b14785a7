"""Cuts off what a mail repeats of those that it answers."""

import re

_QUOTING = re.compile(r"^>|[:>]\s*$|^-{2,}|^_{5,}|^From:|^De\s?:", re.MULTILINE)
# Longer texts are left whole: looking for a quotation takes more than its length in time.
_SEARCHED = 50_000


def cut(text: str) -> tuple[str, str]:
    """What a message says, and what it quotes: the second is empty where nothing is quoted."""
    if len(text) > _SEARCHED or not _QUOTING.search(text):
        return text, ""
    from mailparser_reply import EmailReplyParser

    reply = (EmailReplyParser(languages=["en", "fr"]).parse_reply(text=text) or "").strip()
    if not reply or not text.lstrip().startswith(reply):
        return text, ""
    return reply, text.lstrip()[len(reply) :].strip("\n")

"""Parsers: they turn text from outside into values (words, dates, instants, periods, texts).

Text that cannot be read raises an error of `ticketcli.errors`, which says what is expected.
"""

"""Views of many tickets: tabs, filters, search, journal, agenda and monitoring."""

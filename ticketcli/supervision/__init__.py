"""Looking at many tickets: tabs, filters, search, journal, agenda and monitoring."""

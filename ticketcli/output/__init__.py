"""Write records as text: tables, sheets, JSON, CSV, calendars and the report page."""

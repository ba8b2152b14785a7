"""The team's working time: hours, closed days and holidays."""

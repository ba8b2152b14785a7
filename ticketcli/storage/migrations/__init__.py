"""The steps of the schema, one file for each. `playhouse.migrations` runs them in order."""

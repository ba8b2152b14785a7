"""One file a step of the schema, run in order by `playhouse.migrations`."""

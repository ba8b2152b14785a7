"""The database: models, connections, migrations, backup, restore, integrity and search index."""

"""The store on a PostgreSQL of its own."""

"""The `ioc` command: brings the services up, applies the contracts, and tells how everything is."""

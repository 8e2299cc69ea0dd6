"""The services of an instance, one module each: how it is prepared, started, and known to be well."""

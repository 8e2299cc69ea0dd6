"""The domain model that every part imports and that imports no host."""

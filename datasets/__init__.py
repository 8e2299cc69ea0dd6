"""What the data is: contracts, reference lists, the domain model, and the demonstration generator."""

"""From contracts to what CKAN, the store and Superset need."""

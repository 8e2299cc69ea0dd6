"""How data arrives: discover, fetch, decode, check, load, receipt."""

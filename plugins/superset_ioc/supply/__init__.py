"""What agencies owe and how far tiles may be trusted: the supply board, the facts of indicators, the line on the home page."""

"""What the clerk's desk in CKAN asks: what is owed, the form, the template, the check before a file is published. CKAN alone calls it."""

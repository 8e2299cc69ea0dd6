"""The desk: what an agency owes, and three ways to deliver it: a file, a form, a call."""

"""`python -m control` is `ioc`."""

from control.cli import main

main()

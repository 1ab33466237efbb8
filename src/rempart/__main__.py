"""`python -m rempart`: the command line, for who starts it as a process."""

from rempart.cli import main

main()

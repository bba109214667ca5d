"""``python -m embedkit``: hands over to the command line."""

from embedkit_cli.main import main

if __name__ == "__main__":
    main()

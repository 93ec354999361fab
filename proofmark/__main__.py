"""`python -m proofmark`; worker processes load this module too, under another name, and must run nothing."""

from proofmark.cli import main

if __name__ == "__main__":
    main()

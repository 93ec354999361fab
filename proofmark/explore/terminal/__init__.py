"""The terminal program: the same views as the page, at 80 columns and 24 lines, with the keyboard alone."""

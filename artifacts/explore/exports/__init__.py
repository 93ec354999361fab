"""An exploration's views as text and pictures for elsewhere."""

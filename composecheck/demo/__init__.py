"""The stack that `composecheck demo` shows, and the image that it runs on."""

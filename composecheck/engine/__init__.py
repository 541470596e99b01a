"""What containers run on: the seams, the engines that fill them, and what engines share."""

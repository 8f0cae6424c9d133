"""What the program is made of: locked packages, shipped files, and the bill of both."""

"""What can be counted of a program over time and by kind of people; nobody's name is in it."""

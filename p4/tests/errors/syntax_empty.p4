// A program that says nothing.


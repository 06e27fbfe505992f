"""Files of JSON: lines of objects, lists of objects, and lists inside an object."""

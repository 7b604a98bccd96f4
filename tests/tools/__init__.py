"""Small scripts of the house: used by the Makefile and by the tests, never by the collection itself."""

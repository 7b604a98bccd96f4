"""What the collection relies on of NetBox's API, distilled from a real one, and the stand-in held to it."""

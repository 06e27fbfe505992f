"""The server around the pages: routes, security, admission, sign-in."""
